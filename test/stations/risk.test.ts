import assert from "node:assert/strict";
import { after, test } from "node:test";
import { EXAMPLE_SLOTS, exampleDeps } from "../../src/adapters/lambda/example.ts";
import type { SqliteStore } from "../../src/adapters/sqlite/store.ts";
import { MINUTE_MS } from "../../src/domain/candle.ts";
import { decide } from "../../src/domain/decide.ts";
import { sortKey } from "../../src/domain/market.ts";
import { type Prediction, type Reveal, sealOf } from "../../src/domain/prediction.ts";
import type { PredictionPhase, RiskState, SlotRecord } from "../../src/domain/records.ts";
import type { Preview } from "../../src/ports/chain.ts";
import { MarketWindow } from "../../src/stations/features/window.ts";
import { candlePk } from "../../src/stations/ingest/candles.ts";
import { predictionKey, slotOf } from "../../src/stations/records.ts";
import { risk } from "../../src/stations/risk/risk.ts";
import { type Deps, type EngineConfig, incident, put } from "../../src/stations/station.ts";
import { word } from "../domain/samples.ts";
import { FakeVenue } from "./fake-venue.ts";

const CUTOFF_MS = EXAMPLE_SLOTS.risk;
const EVENT = { cutoffMs: CUTOFF_MS };
const DAY_MS = 86_400_000;
/** The model's answer is the example's; the least confidence is lowered so that it may trade. */
const base = await exampleDeps({ line: () => undefined });
const store = base.store as SqliteStore;
after(() => store.close());
const predicted = await slotOf(store, base.config.market, CUTOFF_MS);
const equityE8 = predicted.value.evidence?.equityE8 as bigint;

const anyWork = () => store.claim(Number.MAX_SAFE_INTEGER);

type World = {
  venue: FakeVenue;
  deps: Deps;
  preview: Preview;
  asked: { prediction: Prediction; reveal: Reveal }[];
};

/** The slot as the predict station left it, and a mandate without a past. */
async function world(config: Partial<EngineConfig> = {}): Promise<World> {
  const { mandateId } = base.config;
  for (const pk of ["risk", "incident", `prediction#${mandateId}`])
    for (const item of await store.query(pk, { limit: 100 }))
      await store.transact([{ op: "delete", pk, sk: item.sk }]);
  await store.transact([put(predicted.pk, predicted.sk, predicted.value)]);
  for (let row = await anyWork(); row; row = await anyWork()) await store.done(row.workId);
  const made: World = {
    venue: new FakeVenue(CUTOFF_MS),
    deps: base,
    preview: { ok: true, reasonBits: 0n, text: "ok" },
    asked: [],
  };
  const chain = {
    nextSequence: async () => ({ sequence: 9n, previousId: word("99") }),
    preview: async (prediction: Prediction, reveal: Reveal) => {
      made.asked.push({ prediction, reveal });
      return made.preview;
    },
  };
  const riskSpec = { ...base.config.riskSpec, minConfidencePpm: 500_000n };
  made.deps = {
    ...base,
    venue: made.venue,
    chain,
    config: { ...base.config, riskSpec, ...config },
  } as unknown as Deps;
  return made;
}
const slot = async (): Promise<SlotRecord> => (await slotOf(store, base.config.market, CUTOFF_MS)).value;
const stateOf = async (): Promise<RiskState | undefined> =>
  (await store.get<RiskState>("risk", base.config.mandateId))?.value;
const before = (change: Partial<RiskState>) =>
  store.transact([
    put("risk", base.config.mandateId, {
      mode: "ACTIVE",
      modeReason: "",
      dayMs: CUTOFF_MS - (CUTOFF_MS % DAY_MS),
      dayStartEquityE8: equityE8,
      peakEquityE8: equityE8,
      cooldownUntilMs: 0,
      ...change,
    }),
  ]);

test("a predicted slot becomes a prediction that follows from the output by the published rule, once", async () => {
  const { deps, asked } = await world();
  assert.equal((await risk(deps, EVENT)).status, "done");
  const { phase, unsigned, reveal, sequence } = (await slot()) as Required<SlotRecord>;
  assert.deepEqual([phase, sequence], ["sized", 9n]);
  const { riskSpec } = deps.config;
  const sized = decide(predicted.value.output!, equityE8, unsigned.referencePriceE8, riskSpec);
  assert.ok("decision" in sized);
  const { side, qtyE8, entryLimitE8, stopE8, targetE8, maxLossUsdE6 } = sized.decision;
  assert.deepEqual(
    [reveal.side, reveal.qtyE8, reveal.entryLimitE8, reveal.stopE8, reveal.targetE8, unsigned.maxLossUsdE6],
    [side, qtyE8, entryLimitE8, stopE8, targetE8, maxLossUsdE6],
  );
  const { confidencePpm, leverageBps, maxNotionalUsdE6 } = sized.decision;
  assert.deepEqual(
    [unsigned.confidencePpm, unsigned.maxLeverageBps, reveal.leverageBps, unsigned.maxNotionalUsdE6],
    [confidencePpm, leverageBps, leverageBps, maxNotionalUsdE6],
  );
  const observedAt = BigInt(CUTOFF_MS / 1000);
  assert.deepEqual(
    [unsigned.observedAt, unsigned.entryExpiresAt, unsigned.horizonAt, unsigned.settleBy],
    [0n, 90n, 600n, 900n].map((seconds) => observedAt + seconds),
  );
  assert.deepEqual(
    [unsigned.previousId, unsigned.evidenceHash, unsigned.seal],
    [
      word("99"),
      predicted.value.evidenceHash,
      sealOf(deps.config.deployment, deps.config.mandateId, 9n, reveal),
    ],
  );
  assert.deepEqual(
    asked,
    [{ prediction: unsigned, reveal }],
    "what the contract previewed is what is published",
  );
  assert.equal((await risk(deps, EVENT)).status, "noop");
  const row = await anyWork();
  assert.deepEqual([row?.station, row?.event], ["publish", EVENT]);
  await store.done(row!.workId);
  assert.equal(await anyWork(), undefined);
});

/** Runs a slot that must end here, and checks that it says why and that nothing goes on. */
async function declines({ deps }: World, reason: RegExp): Promise<void> {
  const outcome = await risk(deps, EVENT);
  assert.equal(outcome.status, "declined", outcome.text);
  assert.match(outcome.text, reason);
  const { phase, declined, unsigned } = await slot();
  assert.deepEqual(
    [phase, declined, unsigned],
    ["declined", { station: "risk", reason: outcome.text }, undefined],
  );
  assert.equal(await anyWork(), undefined, "nothing is published");
  assert.equal((await risk(deps, EVENT)).status, "noop", "a slot ends once");
}

test("a mode that is not ACTIVE takes no new risk, and says who set it", async () => {
  for (const [mode, modeReason, words] of [
    ["HALT", "by hand", /^trading mode is HALT \(by hand\)$/],
    ["REDUCE", "", /^trading mode is REDUCE$/],
  ] as const) {
    const made = await world();
    await before({ mode, modeReason });
    await declines(made, words);
    assert.equal((await stateOf())?.mode, mode, "declining does not switch trading on again");
  }
});

test("an open incident takes no new risk until it is closed", async () => {
  const made = await world();
  await store.transact([incident(CUTOFF_MS, "foreignActivity", "x", "2 fills are not ours")]);
  await declines(made, /^open incident foreignActivity:x: 2 fills are not ours$/);
  const again = await world();
  await store.transact([put("incident", "foreignActivity:x", { incidentId: "x", open: false })]);
  assert.equal((await risk(again.deps, EVENT)).status, "done");
});

test("one round trip is open at a time: the next waits for the contract's word about the last", async () => {
  const phases: [PredictionPhase, boolean][] = [
    ["intent", true],
    ["submitted", true],
    ["open", true],
    ["closed", true],
    ["settling", true],
    ["settled", false],
    ["final", false],
    ["rejected", false],
    ["cancelled", false],
    ["expired", false],
  ];
  for (const [phase, blocks] of phases) {
    const made = await world();
    const key = predictionKey(base.config.mandateId, 8n);
    await store.transact([put(key.pk, key.sk, { phase, prediction: { sequence: 8n } })]);
    if (blocks) await declines(made, new RegExp(`^round trip 8 is still open \\(${phase}\\)$`));
    else {
      assert.equal((await risk(made.deps, EVENT)).status, "done", phase);
      await world();
    }
  }
});

test("after a loss it cools down until the stored time and not longer", async () => {
  const nowMs = base.clock.nowMs();
  const made = await world();
  await before({ cooldownUntilMs: nowMs + 1 });
  await declines(made, /^cooling down until 2026-01-05T/);
  const again = await world();
  await before({ cooldownUntilMs: nowMs });
  assert.equal((await risk(again.deps, EVENT)).status, "done");
});

test("the day's loss and the drawdown from the peak end trading one unit beyond their limits", async () => {
  for (const [field, limit, words] of [
    ["dayStartEquityE8", "dailyLossLimitBps", /^daily loss limit of 500 bps reached$/],
    ["peakEquityE8", "drawdownLimitBps", /^drawdown limit of 500 bps reached$/],
  ] as const) {
    // 5 % of this figure is lost to the unit.
    const fromE8 = (equityE8 * 10_000n) / 9_500n;
    const config = { dailyLossLimitBps: 10_000n, drawdownLimitBps: 10_000n, [limit]: 500n };
    const within = await world(config);
    await before({ [field]: fromE8 });
    assert.equal((await risk(within.deps, EVENT)).status, "done", field);
    const beyond = await world(config);
    await before({ [field]: fromE8 + 20n });
    await declines(beyond, words);
  }
});

test("a new UTC day begins with the equity it finds, and a peak only rises", async () => {
  const dayMs = CUTOFF_MS - (CUTOFF_MS % DAY_MS);
  const made = await world({ dailyLossLimitBps: 1n });
  await before({ dayMs: dayMs - DAY_MS, dayStartEquityE8: equityE8 * 2n, peakEquityE8: equityE8 + 5n });
  assert.equal((await risk(made.deps, EVENT)).status, "done", "yesterday's loss is not today's");
  const state = (await stateOf()) as RiskState;
  assert.deepEqual(
    [state.dayMs, state.dayStartEquityE8, state.peakEquityE8],
    [dayMs, equityE8, equityE8 + 5n],
  );
});

test("an account on which somebody else trades takes no new risk", async () => {
  const { venue, deps } = await world();
  const { symbol } = base.config;
  const order = { clientOrderId: "hand", symbol, side: "LONG", qtyE8: 5n, limitE8: 1n } as const;
  await venue.placeEntry({ ...order, stopE8: 1n, targetE8: 1n });
  const outcome = await risk(deps, EVENT);
  assert.equal(outcome.status, "declined");
  assert.match(outcome.text, /not ours, while no trip is open: a LONG position of 5 \(E8\)/);
});

test("what the contract would refuse is not published", async () => {
  const made = await world();
  made.preview = { ok: false, reasonBits: 64n, text: "open notional above the cap" };
  await declines(made, /^the contract would refuse: open notional above the cap$/);
});

test("too little confidence is declined in figures, before the contract is asked", async () => {
  const riskSpec = { ...base.config.riskSpec, minConfidencePpm: 999_000n };
  const made = await world({ riskSpec });
  await declines(made, /^confidence \d+ ppm is below the minimum of 999000 ppm$/);
  assert.deepEqual(made.asked, []);
});

test("a slot whose last candle is gone is not sized with an earlier price", async () => {
  const made = await world();
  const last = await store.get(candlePk(base.config.market), sortKey(CUTOFF_MS - MINUTE_MS));
  assert.ok(last);
  await store.transact([{ op: "delete", pk: last.pk, sk: last.sk }]);
  const deps = { ...made.deps, window: new MarketWindow(base.window.spec) };
  await declines({ ...made, deps }, /^the market moved on before this slot was sized$/);
  await store.transact([put(last.pk, last.sk, last.value)]);
});

test("a slot in another phase is not for this station", async () => {
  for (const phase of ["ingested", "featured", "sized", "published", "declined"] as const) {
    const made = await world();
    await store.transact([put(predicted.pk, predicted.sk, { ...predicted.value, phase })]);
    assert.deepEqual(await risk(made.deps, EVENT), { status: "noop", text: `slot is ${phase}` });
  }
  await assert.rejects(
    risk(base, { cutoffMs: 1 }),
    /this store has no decision slot of weex:BTCUSDT with cutoffMs 1 \(1970-01-01T00:00:00.001Z\); check the value/,
  );
});
