/** The protocol's own answer to whether all of its invariants hold. */
import { lensAbi } from "./abi.ts";
import type { Rpc } from "./rpc.ts";

/** `firstBroken` is the name of the first value of `Lens.health()` that is false. */
export type Health = { invariants: number; firstBroken?: string };

/** Of the latest block. */
export async function healthOf(rpc: Rpc, lens: string): Promise<Health> {
  const [ok, firstBroken] = await rpc.call(lens, lensAbi, "healthy", []);
  const invariants = lensAbi.getFunction("health")!.outputs.length;
  return ok ? { invariants } : { invariants, firstBroken };
}
