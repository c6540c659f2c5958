/** Valid values of the domain for tests, and generators for many of them. */
import fc from "fast-check";
import type { Deployment, Prediction, Reveal } from "../../src/domain/prediction.ts";
import type { RiskSpec } from "../../src/domain/risk-spec.ts";

export const E8 = 100_000_000n;

export const deployment: Deployment = {
  chainId: 31_337n,
  validator: "0x00000000000000000000000000000000000000AA",
};

export const word = (byte: string): string => `0x${byte.repeat(32)}`;

export const prediction: Prediction = {
  mandateId: word("11"),
  modelId: word("22"),
  sequence: 7n,
  previousId: word("33"),
  observedAt: 1_767_614_400n,
  entryExpiresAt: 1_767_614_490n,
  horizonAt: 1_767_615_000n,
  settleBy: 1_767_615_300n,
  referencePriceE8: 60_000n * E8,
  maxNotionalUsdE6: 1_000_000_000n,
  maxLeverageBps: 10_000n,
  maxLossUsdE6: 5_000_000n,
  confidencePpm: 540_000n,
  riskSpecHash: word("44"),
  evidenceHash: word("55"),
  seal: word("66"),
};

export const reveal: Reveal = {
  salt: word("77"),
  side: "LONG",
  entryLimitE8: 60_048n * E8,
  stopE8: 59_800n * E8,
  targetE8: 60_400n * E8,
  qtyE8: 1_600_000n,
  leverageBps: 10_000n,
};

/** The rules of the local mandate with the venue's tick and lots for BTCUSDT. */
export const riskSpec: RiskSpec = {
  version: 1,
  minConfidencePpm: 505_000n,
  kellyFractionBps: 2_500n,
  riskPerTradeBps: 50n,
  stopSigmaBps: 15_000n,
  targetSigmaBps: 20_000n,
  minStopBps: 15n,
  maxStopBps: 150n,
  entrySlipBps: 8n,
  stopSlipBps: 10n,
  takerFeePpm: 800n,
  maxLeverageBps: 20_000n,
  maxNotionalUsdE6: 10_000_000_000n,
  tickE8: 10_000_000n,
  lotE8: 10_000n,
  minQtyE8: 10_000n,
  horizonSeconds: 600n,
  entrySeconds: 90n,
  settleSeconds: 300n,
};

const between = (min: bigint, max: bigint) => fc.bigInt({ min, max });
const powerOfTen = (from: number, to: number) =>
  fc.integer({ min: from, max: to }).map((exponent) => 10n ** BigInt(exponent));

export const anyRiskSpec: fc.Arbitrary<RiskSpec> = fc
  .record({
    minConfidencePpm: between(1n, 600_000n),
    kellyFractionBps: between(1n, 10_000n),
    riskPerTradeBps: between(1n, 10_000n),
    stopSigmaBps: between(1_000n, 60_000n),
    targetSigmaBps: between(1_000n, 60_000n),
    minStopBps: between(1n, 300n),
    stopRangeBps: between(0n, 12_000n),
    entrySlipBps: between(1n, 200n),
    stopSlipBps: between(1n, 200n),
    takerFeePpm: between(1n, 5_000n),
    maxLeverageBps: between(1_000n, 1_000_000n),
    maxNotionalUsdE6: between(1_000_000n, 10n ** 15n),
    tickE8: powerOfTen(0, 8),
    lotE8: powerOfTen(0, 8),
    minLots: between(1n, 100n),
  })
  .map(({ stopRangeBps, minLots, ...spec }) => ({
    ...riskSpec,
    ...spec,
    maxStopBps: spec.minStopBps + stopRangeBps,
    minQtyE8: spec.lotE8 * minLots,
  }));

export const anyOutput = fc.record({
  probUpPpm: fc.integer({ min: 1, max: 19_999 }).map((quanta) => quanta * 50),
  sigmaPpm: fc.integer({ min: 1, max: 5_000 }).map((quanta) => quanta * 10),
});

export const anyEquityE8 = between(1n, 10n ** 16n);
export const anyPriceE8 = between(1_000n, 10n ** 15n);
