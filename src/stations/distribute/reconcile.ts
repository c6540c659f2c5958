/** Three sums fetched independently: our ledger, the venue's account, the chain. One unit of difference is an incident. */
import { type Deps, incident } from "../station.ts";

export type Reconciliation = {
  atMs: number;
  ledgerPnlE8: bigint;
  venuePnlE8: bigint;
  chainPnlE8: bigint;
  venueTransfersE8: bigint;
  chainTransfersE8: bigint;
  differences: { ledgerVenueE8: bigint; ledgerChainE8: bigint; transfersE8: bigint };
};

type TripRow = { pnlE8: bigint };
const E8_PER_E6 = 100n;
const MAX_TRIPS = 10_000;

/** Meaningful while flat and with nothing waiting to settle; the caller sees to that. Opens an incident on any difference. */
export async function reconcile(deps: Deps): Promise<Reconciliation> {
  const { config, store, venue, chain, clock } = deps;
  const trips = await store.query<TripRow>(`trip#${config.mandateId}`, { limit: MAX_TRIPS });
  const ledgerPnlE8 = trips.reduce((sum, trip) => sum + trip.value.pnlE8, 0n);
  const [balance, income, fund] = await Promise.all([venue.balance(), venue.income(0), chain.fundFigures()]);
  const venueTransfersE8 = income
    .filter((row) => row.kind === "TRANSFER")
    .reduce((sum, row) => sum + row.amountE8, 0n);
  const venuePnlE8 = balance.balanceE8 - venueTransfersE8;
  const chainTransfersE8 = (fund.sentToVenueE6 - fund.returnedE6) * E8_PER_E6;
  const differences = {
    ledgerVenueE8: ledgerPnlE8 - venuePnlE8,
    ledgerChainE8: ledgerPnlE8 - fund.settledPnlE8,
    transfersE8: venueTransfersE8 - chainTransfersE8,
  };
  const result: Reconciliation = {
    atMs: clock.nowMs(),
    ledgerPnlE8,
    venuePnlE8,
    chainPnlE8: fund.settledPnlE8,
    venueTransfersE8,
    chainTransfersE8,
    differences,
  };
  const wrong = Object.entries(differences).filter(([, value]) => value !== 0n);
  if (wrong.length > 0)
    await store.transact([
      incident(
        clock.nowMs(),
        "reconcile",
        config.mandateId,
        wrong.map(([name, value]) => `${name} is ${value}`).join(", "),
      ),
    ]);
  return result;
}
