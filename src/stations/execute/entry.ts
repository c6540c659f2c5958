/** The entry leg: only for a final, unrevoked, unexpired approval; sent once; its stop attached. */
import { clientOrderId } from "../../domain/ids.ts";
import type { OrderRecord, PredictionRecord } from "../../domain/records.ts";
import type { Item } from "../../ports/store.ts";
import { orderKey, predictionById, replace, riskState } from "../records.ts";
import {
  again,
  type Deps,
  declined,
  done,
  noop,
  nowSeconds,
  type Outcome,
  openIncidents,
  put,
  work,
} from "../station.ts";
import { driveOrder, isTerminal, lookAgainMs } from "./order.ts";

const ENTRY_ATTEMPT = 1;

export async function enter(deps: Deps, id: string): Promise<Outcome> {
  const record = await predictionById(deps.store, id);
  if (record.value.phase !== "approved") return noop(`prediction is ${record.value.phase}`);
  const key = orderKey(id, "entry", ENTRY_ATTEMPT);
  let order = await deps.store.get<OrderRecord>(key.pk, key.sk);
  // INTENT left behind is not sent yet, so the gate is asked again.
  if (!order || order.value.state === "INTENT") {
    const why = await gate(deps, record.value);
    if (why) return withoutTrip(deps, record, why);
  }
  if (!order) {
    const { reveal } = record.value;
    const intent: OrderRecord = {
      predictionId: id,
      leg: "entry",
      attempt: ENTRY_ATTEMPT,
      clientOrderId: clientOrderId(id, "entry", ENTRY_ATTEMPT),
      state: "INTENT",
      side: reveal.side,
      qtyE8: reveal.qtyE8,
      filledQtyE8: 0n,
      sweeps: 0,
    };
    await deps.store.transact([put(key.pk, key.sk, intent, 0)]);
    order = { ...key, version: 1, value: intent };
  }
  const { reveal } = record.value;
  const item: Item<OrderRecord> = await driveOrder(deps, order, () =>
    deps.venue.placeEntry({
      clientOrderId: order.value.clientOrderId,
      symbol: deps.config.symbol,
      side: reveal.side,
      qtyE8: reveal.qtyE8,
      limitE8: reveal.entryLimitE8,
      stopE8: reveal.stopE8,
      targetE8: reveal.targetE8,
    }),
  );
  return concluded(deps, record, item.value);
}

async function concluded(deps: Deps, record: Item<PredictionRecord>, order: OrderRecord): Promise<Outcome> {
  if (!isTerminal(order))
    return again(
      `entry order is ${order.state}${order.reason ? ` (${order.reason})` : ""}`,
      lookAgainMs(deps, order),
    );
  if (order.filledQtyE8 === 0n)
    return withoutTrip(deps, record, order.reason ?? "entry order was not filled at its limit");
  const { id, prediction } = record.value;
  const symbol = deps.config.symbol;
  const stops = (await deps.venue.openAlgoOrders(symbol)).filter(
    (algo) => algo.kind === "STOP" && algo.qtyE8 >= order.filledQtyE8,
  );
  const [position] = await deps.venue.positions(symbol);
  const naked = position !== undefined && position.qtyE8 > 0n && stops.length === 0;
  const exitAtMs = naked ? deps.clock.nowMs() : Number(prediction.horizonAt) * 1000;
  await deps.store.transact([
    replace(record, { phase: "open" }),
    work(
      "execute",
      { id, leg: "exit", reason: naked ? "no resting stop" : "horizon" },
      `exit:${id}`,
      exitAtMs,
    ),
    // The stop may already have been hit while we were looking.
    work("execute", { id, leg: "exit", reason: "hint" }, `look:${id}:entry`, deps.clock.nowMs()),
  ]);
  return done(
    `entry ${order.state} ${order.filledQtyE8} (E8), stop resting: ${naked ? "no, closing at once" : "yes"}`,
  );
}

async function gate(deps: Deps, record: PredictionRecord): Promise<string | undefined> {
  const { prediction, id } = record;
  if (nowSeconds(deps) > prediction.entryExpiresAt) return "the approval came after the entry had expired";
  const { value: risk } = await riskState(deps.store, deps.config.mandateId);
  if (risk.mode === "HALT") return `trading is halted${risk.modeReason ? ` (${risk.modeReason})` : ""}`;
  const [incident] = await openIncidents(deps);
  if (incident) return `open incident ${incident.incidentId}`;
  const { state, revoked } = await deps.chain.stateOf(id);
  if (state !== "Approved") return `the contract says ${state}, not Approved`;
  if (revoked) return "the approval was revoked";
  return undefined;
}

/** An approval without a trip: recorded with its reason, then cancelled on-chain by witnesses. */
async function withoutTrip(deps: Deps, record: Item<PredictionRecord>, reason: string): Promise<Outcome> {
  const { id, prediction } = record.value;
  await deps.store.transact([
    replace(record, { phase: "closed", noTripReason: reason }),
    work(
      "settle",
      { id },
      `settle:${id}`,
      Math.max(deps.clock.nowMs(), (Number(prediction.entryExpiresAt) + 1) * 1000),
    ),
  ]);
  return declined(`no order: ${reason}`);
}
