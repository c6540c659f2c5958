/** The exit leg: always allowed, reduce-only, until the position is zero and no protective order is left behind. */
import { clientOrderId } from "../../domain/ids.ts";
import { sortKey } from "../../domain/market.ts";
import { minBigint } from "../../domain/money.ts";
import type { OrderRecord, PredictionRecord } from "../../domain/records.ts";
import { sumTrip } from "../../domain/settlement.ts";
import type { Item } from "../../ports/store.ts";
import type { VenuePosition } from "../../ports/venue.ts";
import { orderKey, ordersOf, predictionById, replace } from "../records.ts";
import { MAX_ATTEMPTS, readTrip } from "../settle/witness.ts";
import {
  again,
  type Deps,
  declined,
  done,
  incident,
  noop,
  nowSeconds,
  type Outcome,
  openIncidents,
  put,
  work,
} from "../station.ts";
import { driveOrder, isTerminal, lookAgainMs } from "./order.ts";

/** "hint": only look whether a stop or target has closed the trip. Anything else closes it now. */
export type ExitReason = "hint" | (string & {});

const RETRY_MS = 1_000;
const FOREIGN = "foreignActivity";

export async function exit(deps: Deps, id: string, reason: ExitReason): Promise<Outcome> {
  let record = await predictionById(deps.store, id);
  const { phase, reveal } = record.value;
  if (phase !== "open" && phase !== "closing") return noop(`prediction is ${phase}`);
  let orders = await ordersOf(deps.store, id);
  const [last] = orders.filter((item) => item.value.leg === "exit").reverse();
  if (last && !isTerminal(last.value)) {
    const driven = await driveOrder(deps, last, () => sendExit(deps, last.value));
    if (!isTerminal(driven.value))
      return again(`exit order is ${driven.value.state}`, lookAgainMs(deps, driven.value));
    orders = await ordersOf(deps.store, id);
  }
  const enteredE8 = filledE8(orders, "entry");
  const held = (await deps.venue.positions(deps.config.symbol)).filter((position) => position.qtyE8 > 0n);
  await reportForeign(deps, id, held, { side: reveal.side, qtyE8: enteredE8 });
  const open = held.find((position) => position.side === reveal.side);
  if (!open)
    return closed(deps, record, record.value.closeReason ?? (reason === "hint" ? "stop or target" : reason));
  if (reason === "hint" && phase === "open") return noop("position is still open");

  if (phase === "open") {
    await deps.store.transact([replace(record, { phase: "closing", closeReason: reason })]);
    record = await predictionById(deps.store, id);
  }
  const attempt = (last?.value.attempt ?? 0) + 1;
  if (attempt > MAX_ATTEMPTS) {
    await deps.store.transact([
      incident(
        deps.clock.nowMs(),
        "exitStuck",
        id,
        `${MAX_ATTEMPTS} exit orders did not close ${open.qtyE8} (E8)`,
      ),
    ]);
    return again(`exit stuck after ${MAX_ATTEMPTS} attempts`, deps.clock.nowMs() + 60_000);
  }
  const key = orderKey(id, "exit", attempt);
  const intent: OrderRecord = {
    predictionId: id,
    leg: "exit",
    attempt,
    clientOrderId: clientOrderId(id, "exit", attempt),
    state: "INTENT",
    side: reveal.side,
    qtyE8: ownPartE8(open.qtyE8, enteredE8 - filledE8(orders, "exit")),
    filledQtyE8: 0n,
    sweeps: 0,
  };
  await deps.store.transact([put(key.pk, key.sk, intent, 0)]);
  const driven = await driveOrder(deps, { ...key, version: 1, value: intent }, () => sendExit(deps, intent));
  if (!isTerminal(driven.value))
    return again(`exit order is ${driven.value.state}`, lookAgainMs(deps, driven.value));
  const left = (await deps.venue.positions(deps.config.symbol)).some(
    (position) => position.side === reveal.side && position.qtyE8 > 0n,
  );
  if (left)
    return again(`exit ${driven.value.state}, position not closed yet`, deps.clock.nowMs() + RETRY_MS);
  return closed(deps, record, record.value.closeReason ?? reason);
}

const filledE8 = (orders: readonly Item<OrderRecord>[], leg: OrderRecord["leg"]): bigint =>
  orders.reduce((sum, { value }) => (value.leg === leg ? sum + value.filledQtyE8 : sum), 0n);

/** Ours first and by itself, so that its fills add up to the entry; what is left on this side after that goes too. */
const ownPartE8 = (openE8: bigint, ownLeftE8: bigint): bigint =>
  ownLeftE8 > 0n ? minBigint(openE8, ownLeftE8) : openE8;

/** More than the entry bought, or the other side held at all: somebody else trades on this account. */
async function reportForeign(
  deps: Deps,
  id: string,
  held: readonly VenuePosition[],
  own: { side: VenuePosition["side"]; qtyE8: bigint },
): Promise<void> {
  const strange = held
    .map(({ side, qtyE8 }) => ({ side, qtyE8: side === own.side ? qtyE8 - own.qtyE8 : qtyE8 }))
    .filter(({ qtyE8 }) => qtyE8 > 0n);
  if (strange.length === 0) return;
  const text = `${strange.map(({ side, qtyE8 }) => `${side} ${qtyE8} (E8)`).join(" and ")} on the account is not ours; close it at the exchange, then close this incident`;
  const known = (await openIncidents(deps)).some((one) => one.incidentId === `${FOREIGN}:${id}`);
  if (!known) await deps.store.transact([incident(deps.clock.nowMs(), FOREIGN, id, text)]);
}

const sendExit = (deps: Deps, order: OrderRecord) =>
  deps.venue.placeExit({
    clientOrderId: order.clientOrderId,
    symbol: deps.config.symbol,
    side: order.side,
    qtyE8: order.qtyE8,
  });

/** Flat: sweep what rests, add up the fills in our own ledger, hand over to settlement. */
async function closed(deps: Deps, record: Item<PredictionRecord>, reason: string): Promise<Outcome> {
  const { config, venue, clock } = deps;
  const { id, prediction, reveal } = record.value;
  for (const algo of await venue.openAlgoOrders(config.symbol))
    await venue.cancelAlgo(config.symbol, algo.algoId);
  for (const order of await venue.openOrders(config.symbol))
    await venue.cancelOrder(config.symbol, order.orderId);
  const resting =
    (await venue.openAlgoOrders(config.symbol)).length + (await venue.openOrders(config.symbol)).length;
  if (resting > 0) return again(`${resting} orders still rest after the sweep`, clock.nowMs() + RETRY_MS);

  const facts = await readTrip(venue, { id, prediction, reveal }, config.symbol);
  const sums = sumTrip(facts.fills);
  if (sums.entryQtyE8 !== sums.exitQtyE8)
    return nowSeconds(deps) <= prediction.settleBy
      ? again("fills of the trip are not complete yet", clock.nowMs() + RETRY_MS)
      : unexplained(deps, record, reason);
  const foreign =
    facts.foreignFills > 0
      ? [incident(clock.nowMs(), FOREIGN, id, `${facts.foreignFills} fills on the account are not ours`)]
      : [];
  await deps.store.transact([
    replace(record, { phase: "closed", closeReason: reason, pnlE8: facts.pnlE8 }),
    put(`trip#${config.mandateId}`, sortKey(prediction.sequence), {
      predictionId: id,
      sequence: prediction.sequence,
      fills: facts.fills,
      fundingPaidE8: facts.fundingPaidE8,
      pnlE8: facts.pnlE8,
    }),
    ...foreign,
    work("settle", { id }, `settle:${id}`, clock.nowMs()),
  ]);
  return done(`closed by ${reason}: pnl ${facts.pnlE8} (E8), ${facts.fills.length} fills, nothing rests`);
}

/** Flat, and past the deadline our fills still do not add up: no result of ours, the witnesses decide or the trip expires. */
async function unexplained(deps: Deps, record: Item<PredictionRecord>, reason: string): Promise<Outcome> {
  const { id } = record.value;
  const text = "the closing fills do not add up to the entry's; compare the fills at the exchange";
  await deps.store.transact([
    replace(record, { phase: "closed", closeReason: reason }),
    incident(deps.clock.nowMs(), FOREIGN, id, text),
    work("settle", { id }, `settle:${id}`, deps.clock.nowMs()),
  ]);
  return declined(`closed by ${reason}, but ${text}`);
}
