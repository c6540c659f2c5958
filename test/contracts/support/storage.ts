/** Writing into a contract's storage by the names of its variables: what no call may bring about. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { keccak256, toBeHex, zeroPadValue } from "ethers";
import solc from "solc";
import { builtContract, builtContracts } from "../../../scripts/deployment/artifacts.ts";
import { ARTIFACTS } from "./deployed.ts";
import type { Live, World } from "./world.ts";

type Place = { slot: string; offset: number; type: string };
type Type = {
  encoding: string;
  numberOfBytes: string;
  value?: string;
  members?: (Place & { label: string })[];
};
type Layout = { storage: (Place & { label: string })[]; types: Record<string, Type> };

const layouts = new Map<string, Layout>();

/** The compiler's own answer; only names are resolved, no code is made. */
function layoutOf(contractName: string): Layout {
  const known = layouts.get(contractName);
  if (known !== undefined) return known;
  const { buildInfoId, inputSourceName } = builtContract(builtContracts(ARTIFACTS), contractName);
  const info = JSON.parse(readFileSync(join(ARTIFACTS, "build-info", `${buildInfoId}.json`), "utf8")) as {
    input: { settings: Record<string, unknown> };
  };
  const outputSelection = { [inputSourceName]: { [contractName]: ["storageLayout"] } };
  const input = { ...info.input, settings: { ...info.input.settings, outputSelection } };
  const { contracts } = JSON.parse(solc.compile(JSON.stringify(input))) as {
    contracts: Record<string, Record<string, { storageLayout: Layout }>>;
  };
  const layout = contracts[inputSourceName]![contractName]!.storageLayout;
  layouts.set(contractName, layout);
  return layout;
}

const word = (value: string) => zeroPadValue(toBeHex(BigInt(value)), 32);

/** A path names a variable, then a mapping's keys or a struct's members. */
function placeOf(contractName: string, path: string[]): { slot: bigint; offset: number; bytes: number } {
  const { storage, types } = layoutOf(contractName);
  const [name, ...rest] = path;
  const variable = storage.find(({ label }) => label === name);
  if (variable === undefined) throw new Error(`${contractName} stores no ${name}`);
  let { type, offset } = variable;
  let slot = BigInt(variable.slot);
  for (const step of rest) {
    const { encoding, value, members } = types[type]!;
    if (encoding === "mapping") {
      slot = BigInt(keccak256(word(step) + word(String(slot)).slice(2)));
      [type, offset] = [value!, 0];
    } else {
      const member = members?.find(({ label }) => label === step);
      if (member === undefined) throw new Error(`${contractName}: nothing called ${step} in ${type}`);
      slot += BigInt(member.slot);
      ({ type, offset } = member);
    }
  }
  return { slot, offset, bytes: Number(types[type]!.numberOfBytes) };
}

/** Changes one variable, whatever shares its word. */
export async function poke(
  w: Pick<World, "networkHelpers">,
  contract: Live,
  contractName: string,
  path: (string | bigint)[],
  change: (old: bigint) => bigint,
): Promise<void> {
  const { slot, offset, bytes } = placeOf(contractName, path.map(String));
  const shift = BigInt(offset) * 8n;
  const mask = ((1n << BigInt(bytes * 8)) - 1n) << shift;
  const old = BigInt(await w.networkHelpers.getStorageAt(contract.target, slot));
  const changed = (old & ~mask) | ((change((old & mask) >> shift) << shift) & mask);
  await w.networkHelpers.setStorageAt(contract.target, slot, changed);
}
