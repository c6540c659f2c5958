import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Decision, decide } from "../../src/domain/decide.ts";
import type { RiskSpec } from "../../src/domain/risk-spec.ts";
import { RiskSpecSchema, riskSpecHash } from "../../src/domain/risk-spec.ts";
import { parseInput } from "../../src/domain/schemas.ts";
import { anyEquityE8, anyOutput, anyPriceE8, anyRiskSpec, E8, riskSpec } from "./samples.ts";

const PPM = 1_000_000n;
const BPS = 10_000n;
const ceil = (value: bigint, by: bigint): bigint => (value + by - 1n) / by;
const distance = (a: bigint, b: bigint): bigint => (a > b ? a - b : b - a);
const equity = 10_000n * E8;
const price = 60_000n * E8;

function decided(outcome: ReturnType<typeof decide>): Decision {
  if ("declined" in outcome) throw new Error(outcome.declined);
  return outcome.decision;
}
const reasonOf = (outcome: ReturnType<typeof decide>): string =>
  "declined" in outcome ? outcome.declined : "decided";

/** Runs `check` on every decision that random rules, outputs, equities and prices lead to. */
function forEveryDecision(
  check: (d: Decision, spec: RiskSpec, equityE8: bigint, priceE8: bigint) => void,
): void {
  let decisions = 0;
  const inputs = [anyRiskSpec, anyOutput, anyEquityE8, anyPriceE8] as const;
  fc.assert(
    fc.property(...inputs, (spec, output, equityE8, priceE8) => {
      const outcome = decide(output, equityE8, priceE8, spec);
      if ("declined" in outcome) return;
      decisions += 1;
      check(outcome.decision, spec, equityE8, priceE8);
    }),
    { numRuns: 3_000 },
  );
  assert.ok(decisions > 300, `only ${decisions} of the random inputs led to a decision`);
}

test("the same inputs always lead to the same decision, and nothing handed in is changed", () => {
  fc.assert(
    fc.property(anyRiskSpec, anyOutput, anyEquityE8, anyPriceE8, (spec, output, equityE8, priceE8) => {
      const first = decide(Object.freeze(output), equityE8, priceE8, Object.freeze(spec));
      assert.deepEqual(decide({ ...output }, equityE8, priceE8, { ...spec }), first);
    }),
    { numRuns: 500 },
  );
});

test("the contract's STOP_SIDE rule holds for every decision", () => {
  forEveryDecision((d) => {
    assert.ok(d.qtyE8 > 0n && d.entryLimitE8 > 0n && d.stopE8 > 0n && d.targetE8 > 0n);
    if (d.side === "LONG") assert.ok(d.stopE8 < d.entryLimitE8 && d.entryLimitE8 < d.targetE8);
    else assert.ok(d.stopE8 > d.entryLimitE8 && d.entryLimitE8 > d.targetE8);
  });
});

test("the contract's STOP_DISTANCE rule holds for every decision: the declared loss covers the stop and both fees", () => {
  forEveryDecision((d, spec) => {
    const toStop = d.qtyE8 * distance(d.entryLimitE8, d.stopE8) * PPM;
    const fees = d.qtyE8 * (d.entryLimitE8 + d.stopE8) * spec.takerFeePpm;
    assert.ok(ceil(toStop + fees, PPM * 10n ** 10n) <= d.maxLossUsdE6);
  });
});

test("the contract's REVEAL_NOTIONAL and LEVERAGE_CAP rules hold for every decision", () => {
  forEveryDecision((d, spec, equityE8) => {
    assert.ok(ceil(d.qtyE8 * d.entryLimitE8, 10n ** 10n) <= d.maxNotionalUsdE6);
    assert.ok(d.leverageBps <= (spec.maxLeverageBps > BPS ? spec.maxLeverageBps : BPS));
    assert.ok(d.qtyE8 * d.entryLimitE8 * BPS <= spec.maxLeverageBps * equityE8 * E8);
  });
});

test("no decision declares more notional than allowed or more loss than its risk budget", () => {
  forEveryDecision((d, spec, equityE8) => {
    assert.ok(d.maxNotionalUsdE6 <= spec.maxNotionalUsdE6);
    const budgetE8 = (equityE8 * spec.riskPerTradeBps) / BPS;
    const kellyE8 = (equityE8 * (2n * d.confidencePpm - PPM) * spec.kellyFractionBps) / BPS / PPM;
    assert.ok(d.maxLossUsdE6 <= ceil(budgetE8 < kellyE8 ? budgetE8 : kellyE8, 100n));
    assert.ok(d.confidencePpm >= spec.minConfidencePpm && d.confidencePpm * 2n >= PPM);
  });
});

test("a short that sells better than its limit, as far as a long may buy worse, stays within its declared notional", () => {
  forEveryDecision((d, _spec, _equity, priceE8) => {
    const best = d.side === "SHORT" ? 2n * priceE8 - d.entryLimitE8 : d.entryLimitE8;
    assert.ok(ceil(d.qtyE8 * best, 10n ** 10n) <= d.maxNotionalUsdE6);
  });
});

test("prices lie on ticks, sizes on lots, and no size is below the smallest order", () => {
  forEveryDecision((d, spec) => {
    for (const value of [d.entryLimitE8, d.stopE8, d.targetE8]) assert.equal(value % spec.tickE8, 0n);
    assert.equal(d.qtyE8 % spec.lotE8, 0n);
    assert.ok(d.qtyE8 >= spec.minQtyE8);
  });
});

test("rounding to ticks never moves a stop or a limit farther from the reference than the rules allow", () => {
  forEveryDecision((d, spec, _equity, priceE8) => {
    const widest = (priceE8 * spec.maxStopBps) / BPS;
    assert.ok(d.side === "LONG" ? d.stopE8 >= priceE8 - widest : d.stopE8 <= priceE8 + widest);
    const slip = (priceE8 * spec.entrySlipBps) / BPS;
    assert.ok(d.side === "LONG" ? d.entryLimitE8 <= priceE8 + slip : d.entryLimitE8 >= priceE8 - slip);
  });
});

test("long and short mirror each other about a reference on the tick grid", () => {
  let pairs = 0;
  fc.assert(
    fc.property(
      anyRiskSpec,
      anyOutput,
      anyEquityE8,
      fc.bigInt({ min: 10n, max: 10n ** 7n }),
      (spec, output, equityE8, ticks) => {
        const priceE8 = ticks * spec.tickE8;
        const up = decide(
          { ...output, probUpPpm: Math.max(500_050, output.probUpPpm) },
          equityE8,
          priceE8,
          spec,
        );
        const down = decide(
          { ...output, probUpPpm: 1_000_000 - Math.max(500_050, output.probUpPpm) },
          equityE8,
          priceE8,
          spec,
        );
        if ("declined" in up || "declined" in down) return;
        pairs += 1;
        const [a, b] = [up.decision, down.decision];
        assert.equal(`${a.side} ${b.side}`, "LONG SHORT");
        assert.equal(a.confidencePpm, b.confidencePpm);
        for (const field of ["entryLimitE8", "stopE8", "targetE8"] as const)
          assert.equal(a[field] + b[field], 2n * priceE8, field);
        // The same distance costs a short slightly less in fees and slippage, because it trades at the lower price.
        assert.ok(a.qtyE8 <= b.qtyE8);
      },
    ),
    { numRuns: 2_000 },
  );
  assert.ok(pairs > 200, `only ${pairs} pairs`);
});

test("every refusal to decide says why", () => {
  const sure = { probUpPpm: 560_000, sigmaPpm: 1_500 };
  assert.equal(reasonOf(decide(sure, equity, price, riskSpec)), "decided");
  const timid = decide({ ...sure, probUpPpm: 504_950 }, equity, price, riskSpec);
  assert.match(reasonOf(timid), /confidence 504950 ppm is below the minimum of 505000 ppm/);
  assert.match(
    reasonOf(decide({ ...sure, probUpPpm: 495_050 }, equity, price, riskSpec)),
    /confidence 504950 ppm/,
  );
  assert.match(reasonOf(decide(sure, 0n, price, riskSpec)), /equity is not positive/);
  assert.match(reasonOf(decide(sure, -1n, price, riskSpec)), /equity is not positive/);
  assert.match(reasonOf(decide({ ...sure, sigmaPpm: 0 }, equity, price, riskSpec)), /volatility/);
  assert.match(reasonOf(decide(sure, 1n, price, riskSpec)), /size 0 .* below the smallest order of 10000/);
  const coarse = { ...riskSpec, tickE8: price };
  assert.match(reasonOf(decide(sure, equity, price, coarse)), /stop is not beyond the entry limit/);
  const near = { ...riskSpec, targetSigmaBps: 1n };
  assert.match(reasonOf(decide(sure, equity, price, near)), /target/);
});

test("a tie goes long, one quantum below it goes short", () => {
  const spec = { ...riskSpec, minConfidencePpm: 1n, lotE8: 1n, minQtyE8: 1n };
  assert.equal(decided(decide({ probUpPpm: 500_050, sigmaPpm: 1_500 }, equity, price, spec)).side, "LONG");
  assert.equal(decided(decide({ probUpPpm: 499_950, sigmaPpm: 1_500 }, equity, price, spec)).side, "SHORT");
  assert.match(
    reasonOf(decide({ probUpPpm: 500_000, sigmaPpm: 1_500 }, equity, price, spec)),
    /size 0/,
    "no edge, no bet",
  );
});

test("the hash of a risk spec covers every rule, and unknown rules are refused", () => {
  const hashes = new Set([riskSpecHash(riskSpec)]);
  for (const field of Object.keys(riskSpec) as (keyof RiskSpec)[])
    hashes.add(riskSpecHash({ ...riskSpec, [field]: BigInt(riskSpec[field]) + 1n }));
  assert.equal(hashes.size, Object.keys(riskSpec).length + 1);
  assert.equal(RiskSpecSchema.safeParse({ ...riskSpec, maxLevrageBps: 1n }).success, false);
  assert.equal(RiskSpecSchema.safeParse({ ...riskSpec, lotE8: 0n }).success, false);
});

test("rules that contradict each other are refused with a sentence that names the field and what to change", () => {
  assert.ok(RiskSpecSchema.safeParse(riskSpec).success);
  const cases: [Partial<RiskSpec>, RegExp][] = [
    [{ minStopBps: 151n }, /^spec: minStopBps: 151 is above maxStopBps 150; .*farthest$/],
    [{ maxStopBps: 10_000n }, /^spec: maxStopBps: 10000 would put the stop .* keep it below 10000$/],
    [
      { entrySlipBps: 200n },
      /^spec: targetSigmaBps: even the farthest target lies within entrySlipBps 200; /,
    ],
    [{ entrySeconds: 601n }, /^spec: entrySeconds: 601 is above horizonSeconds 600; /],
  ];
  for (const [change, sentence] of cases)
    assert.throws(() => parseInput(RiskSpecSchema, { ...riskSpec, ...change }, "spec"), {
      name: "UsageError",
      message: sentence,
    });
  for (const limit of [{ minStopBps: 150n }, { entrySlipBps: 199n }, { entrySeconds: 600n }])
    assert.ok(RiskSpecSchema.safeParse({ ...riskSpec, ...limit }).success, String(Object.keys(limit)));
});

test("under rules whose farthest target lies within the entry's slip no output is ever traded, which is why they are refused", () => {
  const spec = { ...riskSpec, entrySlipBps: 200n };
  for (const probUpPpm of [0, 1_000_000])
    for (const sigmaPpm of [10, 1_500, 10_000, 50_000])
      assert.match(
        (decide({ probUpPpm, sigmaPpm }, 10n ** 12n, 60_000n * E8, spec) as { declined: string }).declined,
        /target is not beyond the entry limit/,
      );
});
