/** Money-safety properties of a finished run, asked of the venue, the chain and the ledger. @returns what does not hold. */
import type { Engine } from "../src/adapters/local/engine.ts";
import type { OrderRecord, PredictionRecord } from "../src/domain/records.ts";
import type { TxStatus } from "../src/ports/chain.ts";
import { reconcile } from "../src/stations/distribute/reconcile.ts";
import { openIncidents } from "../src/stations/station.ts";

const MAX = 10_000;
/** What a stop or target of ours becomes when it fires, as the simulated exchange or the paper account names it. */
const FIRED = /^(tpsl|paper-(stop|target))-/;

export async function checkInvariants(engine: Engine): Promise<string[]> {
  const { deps, store } = engine;
  const { config, venue } = deps;
  const broken: string[] = [];
  const expect = (holds: boolean, text: string): void => {
    if (!holds) broken.push(text);
  };
  const predictions = (
    await store.query<PredictionRecord>(`prediction#${config.mandateId}`, { limit: MAX })
  ).map((item) => item.value);
  const orders = (
    await Promise.all(predictions.map(({ id }) => store.query<OrderRecord>(`order#${id}`, { limit: MAX })))
  )
    .flat()
    .map((item) => item.value);

  const history = await venue.orderHistory(config.symbol, 0);
  const ours = new Map(orders.map((order) => [order.clientOrderId, order]));
  for (const order of orders) {
    const atVenue = history.filter((one) => one.clientOrderId === order.clientOrderId);
    expect(
      atVenue.length <= 1,
      `S1 the venue has ${atVenue.length} orders with one client id (${order.leg} of ${order.predictionId})`,
    );
    expect(
      order.state === "REFUSED" || atVenue.length === 1,
      `S1 order ${order.clientOrderId} is ${order.state} here and absent at the venue`,
    );
  }
  for (const id of new Set(predictions.map((prediction) => prediction.id))) {
    const filled = orders.filter(
      (order) => order.predictionId === id && order.leg === "entry" && order.filledQtyE8 > 0n,
    );
    expect(filled.length <= 1, `S1 prediction ${id} entered ${filled.length} times`);
  }
  for (const order of history) {
    const byUs = ours.has(order.clientOrderId) || (order.reduceOnly && FIRED.test(order.clientOrderId));
    expect(byUs, `S2 the venue has order ${order.clientOrderId} that the ledger does not know`);
  }
  for (const order of orders.filter((one) => one.leg === "entry")) {
    const prediction = predictions.find((one) => one.id === order.predictionId);
    expect(
      prediction?.approvedAtMs !== undefined && (order.sentAtMs ?? 0) >= prediction.approvedAtMs,
      `S2 order ${order.clientOrderId} was sent without an approval`,
    );
  }
  for (const { id, phase, pnlE8, prediction } of predictions) {
    const { state } = await deps.chain.stateOf(id);
    const wanted = { final: "Final", rejected: "Rejected", cancelled: "Cancelled", expired: "Expired" }[
      phase as string
    ];
    expect(state === wanted, `S4 prediction ${prediction.sequence} is ${phase} here and ${state} on-chain`);
    if (phase === "final")
      expect(pnlE8 !== undefined, `S4 prediction ${prediction.sequence} is final without a result`);
  }
  predictions.forEach((record, at) => {
    expect(
      record.prediction.sequence === BigInt(at + 1),
      `S5 sequence ${record.prediction.sequence} at place ${at + 1}`,
    );
    expect(
      at === 0 || record.prediction.previousId === predictions[at - 1]?.id,
      `S5 sequence ${at + 1} does not name its predecessor`,
    );
  });
  const txs = (
    await store.query<TxStatus>(`tx#${config.deployment.chainId}#${engine.relayer}`, { limit: MAX })
  ).map((item) => item.value);
  expect(new Set(txs.map((tx) => tx.key)).size === txs.length, "S7 two transactions carry one intent");
  expect(
    txs.every((tx, at) => tx.nonce === (txs[0]?.nonce ?? 0) + at),
    "S7 the nonces have a gap",
  );
  expect(
    txs.every((tx) => tx.state === "mined"),
    `S7 not all transactions were mined: ${txs
      .filter((tx) => tx.state !== "mined")
      .map((tx) => `${tx.key} ${tx.state}`)
      .join(", ")}`,
  );
  const { differences } = await reconcile(deps);
  for (const [name, value] of Object.entries(differences)) expect(value === 0n, `S10 ${name} is ${value}`);
  for (const { incidentId } of await openIncidents(deps)) broken.push(`S10 open incident ${incidentId}`);
  expect(
    (await venue.positions()).every((position) => position.qtyE8 === 0n),
    "the venue is not flat",
  );
  expect((await venue.openAlgoOrders(config.symbol)).length === 0, "a protective order is left behind");
  return broken;
}
