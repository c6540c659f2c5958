import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ALL_FLAGS, FLAG, REASON, type ReasonName } from "../../src/domain/attestation.ts";
import { decide } from "../../src/domain/decide.ts";
import { boundsOf, revealOf, timesOf } from "../../src/domain/declare.ts";
import { type EvidenceBundle, evidenceHash, type OpenInterestSample } from "../../src/domain/evidence.ts";
import { type ModelOutput, OUTPUT_QUANTUM_PPM, SIGMA_QUANTUM_PPM } from "../../src/domain/output.ts";
import {
  type Prediction,
  predictionId,
  type Reveal,
  sealOf,
  toUnixSeconds,
} from "../../src/domain/prediction.ts";
import { riskSpecHash } from "../../src/domain/risk-spec.ts";
import { featuresOf } from "../../src/features/index.ts";
import { outputOf } from "../../src/models/index.ts";
import type { PublishedPrediction } from "../../src/ports/attester.ts";
import { judge, type OwnView } from "../../src/stations/attest/judge.ts";
import { MarketWindow } from "../../src/stations/features/window.ts";
import { deployment, riskSpec, word } from "../domain/samples.ts";
import { bundleAt, MIDNIGHT, walk } from "../features/market.ts";
import { loadByName } from "../models/artefacts.ts";

const CUTOFF_MS = MIDNIGHT + 75 * 60_000;
const model = await loadByName("logistic");
after(() => model.dispose());
const spec = { ...riskSpec, minConfidencePpm: 500_000n };
const window = new MarketWindow(model.manifest.featureSpec);
for (const candle of walk(9, window.firstOpenMs(CUTOFF_MS), 720 + 75)) window.push(candle);

/** A book around the last close and open interest on the slots, as the engine's own recording has them. */
const evidence: EvidenceBundle = {
  ...bundleAt([], CUTOFF_MS),
  candles: window.candles,
  openInterest: [2, 1, 0].map((ago) => ({
    observedAtMs: CUTOFF_MS - ago * 300_000,
    amountE8: 100_000_000_000n + BigInt(ago),
  })),
  fearGreed: null,
  headlines: null,
};

type Lie = {
  /** What the publisher decides from; its candles are never carried, only hashed. */
  inputs?: Partial<EvidenceBundle>;
  output?: { probUpPpm?: number; sigmaPpm?: number };
  /** What the model says of these inputs, where it is not what it says of the honest ones. */
  from?: ModelOutput;
  prediction?: (honest: Prediction) => Partial<Prediction>;
  reveal?: (honest: Reveal) => Partial<Reveal>;
  seal?: string;
};

const computed = outputOf(model, featuresOf(window.spec, evidence, window.engine));

/** A publisher who follows every rule except for the lies, and signs the consequences of each lie consistently. */
function publish(lie: Lie = {}): PublishedPrediction {
  const bundle = { ...evidence, ...lie.inputs };
  if (computed.kind !== "output") throw new Error(computed.reason);
  const own = lie.from ?? computed.output;
  const output = {
    probUpPpm: own.probUpPpm + (lie.output?.probUpPpm ?? 0),
    sigmaPpm: own.sigmaPpm + (lie.output?.sigmaPpm ?? 0),
  };
  const referencePriceE8 = bundle.candles.at(-1)?.closeE8 as bigint;
  const sized = decide(output, bundle.equityE8, referencePriceE8, spec);
  if ("declined" in sized) throw new Error(sized.declined);
  const d = sized.decision;
  const honest: Reveal = revealOf(d, word("77"));
  const reveal = { ...honest, ...lie.reveal?.(honest) };
  const observedAt = toUnixSeconds(CUTOFF_MS);
  const base: Prediction = {
    mandateId: word("11"),
    modelId: model.modelId,
    sequence: 1n,
    previousId: word("00"),
    ...timesOf(observedAt, spec),
    referencePriceE8,
    ...boundsOf(d),
    riskSpecHash: riskSpecHash(spec),
    evidenceHash: evidenceHash(bundle, lie.inputs?.candles ? undefined : window.chain),
    seal: word("00"),
  };
  const changed = { ...base, ...lie.prediction?.(base) };
  const prediction = {
    ...changed,
    seal: lie.seal ?? sealOf(deployment, changed.mandateId, changed.sequence, reveal),
  };
  const { candles: _fetched, ...carried } = bundle;
  return {
    id: predictionId(deployment, prediction),
    market: bundle.market,
    prediction,
    signature: "0x",
    reveal,
    output,
    evidence: carried,
  };
}

const view: OwnView = {
  deployment,
  mandateId: word("11"),
  riskSpec: spec,
  featureSpec: window.spec,
  model,
  evidence,
  engine: window.engine,
  chain: window.chain,
  secondPriceE8: window.candles.at(-1)?.closeE8 as bigint,
  nowSeconds: toUnixSeconds(CUTOFF_MS) + 5n,
  tolerances: { equityE8: 0n, openInterestBps: 10n, bookBps: 0n, priceBps: 100n, maxAgeSeconds: 120n },
};

const NOTHING = 0;
const INPUTS = FLAG.INPUTS;
const RECOMPUTED = FLAG.INPUTS | FLAG.FEATURES | FLAG.INFERENCE;
const SIZED = RECOMPUTED | FLAG.SIZING;

function refused(
  published: PublishedPrediction,
  reason: ReasonName,
  flags: number,
  own: Partial<OwnView> = {},
): void {
  const judgement = judge(published, { ...view, ...own });
  assert.deepEqual(
    [judgement.verdict, judgement.reason, judgement.flags],
    ["no", REASON[reason], flags],
    judgement.note,
  );
  assert.ok(judgement.note.startsWith(`${reason}: `), judgement.note);
}
function accepted(published: PublishedPrediction, own: Partial<OwnView> = {}): void {
  const judgement = judge(published, { ...view, ...own });
  assert.deepEqual([judgement.verdict, judgement.reason, judgement.flags], ["yes", 0, 31], judgement.note);
}

test("an honest prediction is confirmed with every flag, from a warm engine and from the evidence alone", () => {
  accepted(publish());
  accepted(publish(), { engine: undefined });
});

test("two attesters who judge the same thing say the same", () => {
  assert.deepEqual(judge(publish(), view), judge(structuredClone(publish()), { ...view }));
});

test("one unit in any field of any one candle is a different candle, and so is a hash that nothing else explains", () => {
  const fields = ["openE8", "highE8", "lowE8", "closeE8", "volumeE8", "openTimeMs"] as const;
  fields.forEach((field, index) => {
    const at = (index * 131) % (evidence.candles.length - 1);
    const candle = evidence.candles[at] as EvidenceBundle["candles"][number];
    const other = {
      ...candle,
      [field]: typeof candle[field] === "bigint" ? candle[field] + 1n : candle[field] + 1,
    };
    refused(publish({ inputs: { candles: evidence.candles.with(at, other) } }), "candlesDiffer", NOTHING);
  });
  refused(publish({ inputs: { candles: evidence.candles.slice(1) } }), "candlesDiffer", NOTHING);
  refused(publish({ prediction: () => ({ evidenceHash: word("ee") }) }), "candlesDiffer", NOTHING);
});

test("another window is refused before anything is compared", () => {
  for (const inputs of [
    { cutoffMs: CUTOFF_MS + 60_000 },
    { anchorMs: 0 },
    { windowCandles: 719 },
    { stepMs: 1 },
    { market: "weex:ETHUSDT" },
  ])
    refused(publish({ inputs }), "candlesDiffer", NOTHING);
});

test("a changed settled funding rate, or a missing one, is refused by name", () => {
  const [first, ...rest] = evidence.funding as [
    EvidenceBundle["funding"][number],
    ...EvidenceBundle["funding"],
  ];
  for (const funding of [
    [{ ...first, rateE12: first.rateE12 + 1n }, ...rest],
    [{ ...first, fundingTimeMs: 1 }, ...rest],
    rest,
    [],
  ])
    refused(publish({ inputs: { funding } }), "fundingDiffers", NOTHING);
});

test("a changed level of the book, another update or no book at all is refused by name", () => {
  const book = evidence.book as NonNullable<EvidenceBundle["book"]>;
  const [price, qty] = book.asks[3] as readonly [bigint, bigint];
  const books = [
    { ...book, asks: book.asks.with(3, [price + 1n, qty]) },
    { ...book, asks: book.asks.with(3, [price, qty + 1n]) },
    { ...book, bids: book.bids.slice(0, 14) },
    { ...book, updateId: "8" },
    { ...book, observedAtMs: 1 },
    null,
  ];
  for (const other of books) refused(publish({ inputs: { book: other } }), "bookDiffers", NOTHING);
});

test("a later update of the book is accepted only where a tolerance is named and both best prices lie within it", () => {
  const book = evidence.book as NonNullable<EvidenceBundle["book"]>;
  /** Moves one side or, with the spread kept, both. */
  const moved = (sides: readonly ("bids" | "asks")[], bps: bigint, updateId = "8") => {
    const byE8 = ((book.bids[0]?.[0] as bigint) * bps) / 10_000n;
    const levels = (side: "bids" | "asks") =>
      sides.includes(side) ? book[side].map(([price, qty]) => [price + byE8, qty] as const) : book[side];
    const inputs = { book: { ...book, updateId, bids: levels("bids"), asks: levels("asks") } };
    const seen = outputOf(model, featuresOf(window.spec, { ...evidence, ...inputs }, window.engine));
    return publish(seen.kind === "output" ? { inputs, from: seen.output } : { inputs });
  };
  const tolerant = { tolerances: { ...view.tolerances, bookBps: 2n } };
  for (const bps of [2n, -2n]) {
    accepted(moved(["bids", "asks"], bps), tolerant);
    refused(moved(["bids", "asks"], bps), "bookDiffers", NOTHING);
  }
  refused(moved(["bids"], -3n), "bookDiffers", NOTHING, tolerant);
  refused(moved(["asks"], 3n), "bookDiffers", NOTHING, tolerant);
  refused(moved(["asks"], 1n, book.updateId), "bookDiffers", NOTHING, tolerant);
  refused(
    publish({ inputs: { book: { ...book, updateId: "8", asks: [] } } }),
    "bookDiffers",
    NOTHING,
    tolerant,
  );
  const stamped = { ...book, updateId: "8", observedAtMs: book.observedAtMs + 1 };
  refused(publish({ inputs: { book: stamped } }), "bookDiffers", NOTHING, tolerant);
  refused(publish({ inputs: { book: null } }), "bookDiffers", NOTHING, tolerant);
});

test("open interest may differ within the tolerance and not beyond it, for each sample that was recorded here", () => {
  const changed = (at: number, byE8: bigint) =>
    publish({
      inputs: {
        openInterest: evidence.openInterest.map((sample, i) =>
          i === at ? { ...sample, amountE8: sample.amountE8 + byE8 } : sample,
        ),
      },
    });
  accepted(changed(2, 100_000_000n));
  accepted(changed(2, -100_000_000n));
  for (const at of [0, 1, 2]) refused(changed(at, 100_100_000n), "openInterestDiffers", NOTHING);
  refused(changed(2, -100_100_000n), "openInterestDiffers", NOTHING);
});

test("an attester that did not record an older sample confirms the rest without the INPUTS flag, and says so", () => {
  const later = { ...view, evidence: { ...evidence, openInterest: evidence.openInterest.slice(1) } };
  const judgement = judge(publish(), later);
  assert.deepEqual([judgement.verdict, judgement.reason, judgement.flags], ["yes", 0, 31 & ~FLAG.INPUTS]);
  assert.match(judgement.note, /without INPUTS, 1 older open interest samples were not recorded here/);
  accepted(publish({ inputs: { openInterest: evidence.openInterest.slice(1) } }), later);
});

test("the newest sample is never taken on trust, nor one that is told twice or out of order", () => {
  refused(publish(), "openInterestDiffers", NOTHING, {
    evidence: { ...evidence, openInterest: evidence.openInterest.slice(0, -1) },
  });
  const [first, second, third] = evidence.openInterest as [
    OpenInterestSample,
    OpenInterestSample,
    OpenInterestSample,
  ];
  for (const openInterest of [
    [first, first, third],
    [second, first, third],
  ])
    refused(publish({ inputs: { openInterest } }), "openInterestDiffers", NOTHING);
});

test("a publisher may not leave out the newest open interest that everyone recorded", () => {
  for (const openInterest of [[], evidence.openInterest.slice(0, -1)])
    refused(publish({ inputs: { openInterest } }), "openInterestDiffers", NOTHING);
});

test("sentiment is what was recorded, or it is refused", () => {
  const sample = { source: "index", publishedAtMs: CUTOFF_MS - 60_000, valuePpm: 250_000 };
  refused(publish({ inputs: { fearGreed: sample } }), "sentimentDiffers", NOTHING);
  refused(publish({ inputs: { headlines: sample } }), "sentimentDiffers", NOTHING);
  const own = { evidence: { ...evidence, fearGreed: sample } };
  refused(publish(), "sentimentDiffers", NOTHING, own);
  for (const part of [{ source: "other" }, { publishedAtMs: 1 }, { valuePpm: 250_001 }])
    refused(publish({ inputs: { fearGreed: { ...sample, ...part } } }), "sentimentDiffers", NOTHING, own);
});

test("an equity figure off by one unit is refused at zero tolerance and accepted within a tolerance", () => {
  const off = publish({ inputs: { equityE8: evidence.equityE8 + 1n } });
  refused(off, "equityDiffers", NOTHING);
  accepted(off, { tolerances: { ...view.tolerances, equityE8: 1n } });
});

test("an output within one quantum is accepted with the decision that follows from it, one quantum more is refused", () => {
  for (const sign of [1, -1]) {
    accepted(publish({ output: { probUpPpm: sign * OUTPUT_QUANTUM_PPM } }));
    accepted(publish({ output: { sigmaPpm: sign * SIGMA_QUANTUM_PPM } }));
    const flags = INPUTS | FLAG.FEATURES;
    refused(publish({ output: { probUpPpm: sign * 2 * OUTPUT_QUANTUM_PPM } }), "outputDiffers", flags);
    refused(publish({ output: { sigmaPpm: sign * 2 * SIGMA_QUANTUM_PPM } }), "outputDiffers", flags);
  }
});

test("a decision that does not follow from the published output is refused, whichever part was changed", () => {
  const lies: ((r: Reveal) => Partial<Reveal>)[] = [
    (r) => ({ side: r.side === "LONG" ? "SHORT" : "LONG" }),
    (r) => ({ qtyE8: r.qtyE8 + spec.lotE8 }),
    (r) => ({ qtyE8: r.qtyE8 - spec.lotE8 }),
    (r) => ({ stopE8: r.stopE8 - spec.tickE8 }),
    (r) => ({ stopE8: r.stopE8 + spec.tickE8 }),
    (r) => ({ targetE8: r.targetE8 + spec.tickE8 }),
    (r) => ({ entryLimitE8: r.entryLimitE8 + spec.tickE8 }),
  ];
  for (const reveal of lies) refused(publish({ reveal }), "decisionDiffers", RECOMPUTED);
});

test("a declared bound that does not follow from the decision is refused", () => {
  const lies: ((p: Prediction) => Partial<Prediction>)[] = [
    (p) => ({ maxNotionalUsdE6: p.maxNotionalUsdE6 + 1n }),
    (p) => ({ maxLossUsdE6: p.maxLossUsdE6 - 1n }),
    (p) => ({ maxLeverageBps: p.maxLeverageBps + 1n }),
    (p) => ({ confidencePpm: p.confidencePpm + 1n }),
    (p) => ({ referencePriceE8: p.referencePriceE8 + 1n }),
  ];
  for (const prediction of lies) refused(publish({ prediction }), "boundsDiffer", RECOMPUTED);
  refused(publish({ reveal: (r) => ({ leverageBps: r.leverageBps + 1n }) }), "boundsDiffer", RECOMPUTED);
});

test("times that do not follow from the risk spec are refused", () => {
  for (const field of ["observedAt", "entryExpiresAt", "horizonAt", "settleBy"] as const)
    refused(publish({ prediction: (p) => ({ [field]: p[field] + 1n }) }), "timesDiffer", RECOMPUTED);
});

test("a seal that the reveal does not open is refused", () => {
  refused(publish({ seal: word("66") }), "sealDiffers", RECOMPUTED);
  const published = publish();
  refused({ ...published, reveal: { ...published.reveal, salt: word("78") } }, "sealDiffers", RECOMPUTED);
  refused(published, "sealDiffers", RECOMPUTED, { deployment: { ...deployment, chainId: 1n } });
});

test("a reference price too far from the second source is refused, up to the tolerance it is not", () => {
  const close = view.secondPriceE8;
  for (const secondPriceE8 of [(close * 10_101n) / 10_000n + 1n, (close * 9_899n) / 10_000n - 1n, 0n, -close])
    refused(publish(), "priceOffSecondSource", SIZED, { secondPriceE8 });
  for (const secondPriceE8 of [(close * 10_100n) / 10_000n, (close * 9_900n) / 10_000n + 1n])
    accepted(publish(), { secondPriceE8 });
});

test("what an attester has no part in is refused first: another mandate, model or rule book", () => {
  refused(publish({ prediction: () => ({ mandateId: word("12") }) }), "wrongMandate", NOTHING);
  refused(publish({ prediction: () => ({ modelId: word("13") }) }), "unknownModel", NOTHING);
  refused(publish(), "unknownModel", NOTHING, { model: undefined });
  refused(publish({ prediction: () => ({ riskSpecHash: word("14") }) }), "unknownRiskSpec", NOTHING);
  refused(publish(), "unknownRiskSpec", NOTHING, { riskSpec: { ...spec, lotE8: spec.lotE8 + 1n } });
});

test("a prediction is stale one second after its entry expired or its age limit, and not before", () => {
  const observedAt = toUnixSeconds(CUTOFF_MS);
  accepted(publish(), { nowSeconds: observedAt + spec.entrySeconds });
  refused(publish(), "stale", NOTHING, { nowSeconds: observedAt + spec.entrySeconds + 1n });
  const strict = { ...view.tolerances, maxAgeSeconds: 10n };
  accepted(publish(), { nowSeconds: observedAt + 10n, tolerances: strict });
  refused(publish(), "stale", NOTHING, { nowSeconds: observedAt + 11n, tolerances: strict });
});

test("inputs that no feature can be made of, or that the model has never seen, are refused as such", () => {
  const late = [...evidence.openInterest, { observedAtMs: CUTOFF_MS + 1, amountE8: 100_000_000_000n }];
  refused(publish({ inputs: { openInterest: late } }), "featuresRefused", INPUTS, {
    evidence: { ...evidence, openInterest: late },
  });
});

const TERMS = { feeReservePpm: 800n, entryBandBps: 50n };

test("of a sealed prediction the attester says that the hidden rules hold, of an open one it need not", () => {
  assert.equal(judge(publish(), { ...view, sealed: TERMS }).flags, ALL_FLAGS | FLAG.DIRECTION);
  assert.equal(judge(publish(), view).flags, ALL_FLAGS);
});

test("a sealed prediction that breaks a hidden rule is refused, though it follows from the model", () => {
  refused(publish(), "directionBroken", SIZED, { sealed: { ...TERMS, entryBandBps: 0n } });
  refused(publish(), "directionBroken", SIZED, { sealed: { ...TERMS, feeReservePpm: 100_000n } });
});
