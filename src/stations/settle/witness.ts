/** What a witness says about a round trip, from the venue's own records read with a read-only key. Pure given the reads. */
import { clientOrderId } from "../../domain/ids.ts";
import { type Deployment, toUnixSeconds } from "../../domain/prediction.ts";
import type { TripFill } from "../../domain/records.ts";
import { fillsRoot, sumTrip, type TripSums, tripFills, tripPnlE8 } from "../../domain/settlement.ts";
import { settlementPayload } from "../../domain/settlement-payload.ts";
import { Refused } from "../../errors/errors.ts";
import type { PublishedPrediction } from "../../ports/attester.ts";
import type { VenueAccount, VenueIncome } from "../../ports/venue.ts";

/** More attempts than any leg makes (bounded by the executor). */
export const MAX_ATTEMPTS = 8;
/** Attesters' flag in the settlement: activity on the account that no prediction explains. */
export const WITNESS_FLAG_FOREIGN = 1;
const STATEMENT_LIFE_SECONDS = 86_400n;

export type TripFacts = {
  sums: TripSums;
  fills: TripFill[];
  fundingPaidE8: bigint;
  pnlE8: bigint;
  foreignFills: number;
  flat: boolean;
};

/** Reads the account and reconstructs the round trip of one prediction. */
export async function readTrip(
  account: VenueAccount,
  published: Pick<PublishedPrediction, "id" | "prediction" | "reveal">,
  symbol: string,
): Promise<TripFacts> {
  const fromMs = Number(published.prediction.observedAt) * 1000;
  const { side } = published.reveal;
  const entryIds = new Set(
    Array.from({ length: MAX_ATTEMPTS }, (_, attempt) => clientOrderId(published.id, "entry", attempt + 1)),
  );
  const [orders, fills, positions, income] = await Promise.all([
    account.orderHistory(symbol, fromMs),
    account.fills(symbol, fromMs),
    account.positions(symbol),
    account.income(fromMs),
  ]);
  const entryOrderIds = new Set(
    orders.filter((order) => entryIds.has(order.clientOrderId)).map((order) => order.orderId),
  );
  const { trip, foreign } = tripFills(fills, side, entryOrderIds);
  const sums = sumTrip(trip);
  const fundingPaidE8 = fundingPaid(income, symbol, sums);
  return {
    sums,
    fills: trip,
    fundingPaidE8,
    pnlE8: tripPnlE8(side, sums, fundingPaidE8),
    foreignFills: foreign.length,
    flat: positions.every((position) => position.qtyE8 === 0n) && sums.entryQtyE8 === sums.exitQtyE8,
  };
}

function fundingPaid(income: readonly VenueIncome[], symbol: string, sums: TripSums): bigint {
  if (sums.entryFills === 0) return 0n;
  return income
    .filter(
      (row) =>
        row.kind === "FUNDING" &&
        row.symbol === symbol &&
        row.timeMs >= sums.entryFirstAtMs &&
        row.timeMs <= sums.exitLastAtMs,
    )
    .reduce((total, row) => total - row.amountE8, 0n);
}

/** The bytes every honest witness signs: times come from the fills, never from the moment of asking. */
export function tripPayload(
  deployment: Deployment,
  published: Pick<PublishedPrediction, "id" | "prediction">,
  facts: TripFacts,
  context: { venueAccountHash: string; epoch: bigint },
): string {
  if (!facts.flat) throw new Refused("witness.notFlat", "the position is not closed: nothing to settle yet");
  const observedAt =
    facts.sums.entryFills === 0
      ? published.prediction.entryExpiresAt
      : toUnixSeconds(facts.sums.exitLastAtMs);
  return settlementPayload(deployment, {
    id: published.id,
    fillsRoot: fillsRoot(facts.fills),
    sums: facts.sums,
    fundingPaidE8: facts.fundingPaidE8,
    observedAt,
    expiresAt: observedAt + STATEMENT_LIFE_SECONDS,
    flags: facts.foreignFills > 0 ? WITNESS_FLAG_FOREIGN : 0,
    ...context,
  });
}
