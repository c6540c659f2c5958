/** A published prediction that every schema accepts. */
import type { PublishedPrediction, SignedStatement } from "../../src/ports/attester.ts";

export const hash = (digit: string): string => `0x${digit.repeat(64)}`;
export const SIGNATURE = `0x${"1b".repeat(65)}`;
const CUTOFF_MS = 1_767_571_800_000;

export const statement = (): SignedStatement => ({
  signer: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  payload: `0x${"00".repeat(224)}`,
  signature: SIGNATURE,
  note: "recomputed 423400 ppm, same decision",
});

export const published = (): PublishedPrediction => ({
  id: hash("a"),
  market: "weex:BTCUSDT",
  signature: SIGNATURE,
  prediction: {
    mandateId: hash("1"),
    modelId: hash("2"),
    sequence: 1n,
    previousId: hash("0"),
    observedAt: 1_767_571_800n,
    entryExpiresAt: 1_767_571_890n,
    horizonAt: 1_767_572_400n,
    settleBy: 1_767_572_700n,
    referencePriceE8: 6_000_000_000_000n,
    maxNotionalUsdE6: 1_000_000_000n,
    maxLeverageBps: 20_000n,
    maxLossUsdE6: 50_000_000n,
    confidencePpm: 576_600n,
    riskSpecHash: hash("3"),
    evidenceHash: hash("4"),
    seal: hash("5"),
  },
  reveal: {
    salt: hash("6"),
    side: "SHORT",
    entryLimitE8: 5_995_000_000_000n,
    stopE8: 6_050_000_000_000n,
    targetE8: 5_900_000_000_000n,
    qtyE8: 10_000_000n,
    leverageBps: 20_000n,
  },
  output: { probUpPpm: 423_400, sigmaPpm: 1_670 },
  evidence: {
    market: "weex:BTCUSDT",
    stepMs: 60_000,
    cutoffMs: CUTOFF_MS,
    anchorMs: 1_767_571_200_000,
    windowCandles: 720,
    funding: [{ fundingTimeMs: CUTOFF_MS - 3_600_000, rateE12: -50_000_000n }],
    book: {
      updateId: "7",
      observedAtMs: CUTOFF_MS,
      bids: [[5_999_000_000_000n, 1n]],
      asks: [[6_001_000_000_000n, 1n]],
    },
    openInterest: [{ observedAtMs: CUTOFF_MS, amountE8: 1n }],
    fearGreed: { source: "index", publishedAtMs: CUTOFF_MS, valuePpm: 250_000 },
    headlines: null,
    equityE8: 1_000_000_000_000n,
  },
});
