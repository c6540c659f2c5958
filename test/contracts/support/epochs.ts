import type { World } from "./world.ts";

/** Longer than a flagged result stays open to dispute. */
const WINDOWS_SECONDS = 400n;

/** Waits for the snapshot, makes the results final and closes the epoch; the venue holds what they explain and `offE8`. */
export async function closeWith(w: World, ids: readonly string[] = [], offE8 = 0n) {
  const ready = (await w.validator.snapshotAt()) + WINDOWS_SECONDS;
  if ((await w.now()) < ready) await w.until(ready);
  if (ids.length > 0) await w.validator.finalizeMany(ids);
  const [, , pnlE8] = await w.validator.epochBook(await w.validator.currentEpoch());
  return w.closeEpoch({ equityE8: (await w.vault.receivableAtVenueE8()) + pnlE8 + offE8 });
}

/** Asks everything back, waits for the close and takes the cash. */
export async function leave(w: World, who: { address: string }) {
  const vault = w.vault.connect(who);
  await vault.requestRedeemShares(await w.vault.balanceOf(who.address));
  await closeWith(w);
  await vault.claimRedeem();
}

/** What `act` changes in an account's balance of the fund's asset. */
export async function gainOf(
  w: World,
  who: { address: string },
  act: () => Promise<unknown>,
): Promise<bigint> {
  const before: bigint = await w.usd.balanceOf(who.address);
  await act();
  return (await w.usd.balanceOf(who.address)) - before;
}
