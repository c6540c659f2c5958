/**
 * The judgement of a published prediction by someone who fetched the evidence independently: recompute features,
 * output and decision; compare; say yes, or no with the first reason that applies. Pure, so that any verifier may run it.
 */
import { FLAG, REASON, type ReasonName } from "../../domain/attestation.ts";
import { decide } from "../../domain/decide.ts";
import { boundsOf, revealOf, timesOf } from "../../domain/declare.ts";
import { type DirectionTerms, directionBroken } from "../../domain/direction.ts";
import {
  type BookSample,
  bookHash,
  type EvidenceBundle,
  evidenceHash,
  fundingHash,
  type OpenInterestSample,
  type SentimentSample,
} from "../../domain/evidence.ts";
import { absBigint } from "../../domain/money.ts";
import { outputsAgree } from "../../domain/output.ts";
import { type Deployment, sealOf, toUnixSeconds } from "../../domain/prediction.ts";
import { type RiskSpec, riskSpecHash } from "../../domain/risk-spec.ts";
import { DomainError } from "../../errors/errors.ts";
import { type AnchoredFeatures, type FeatureSpec, featuresOf } from "../../features/index.ts";
import { type LoadedModel, outputOf } from "../../models/index.ts";
import type { PublishedPrediction } from "../../ports/attester.ts";

/** How far perishable inputs may lie from our own recording. */
export type Tolerances = {
  equityE8: bigint;
  openInterestBps: bigint;
  /** Best bid and ask of books with different update ids; 0 = only the same book will do. */
  bookBps: bigint;
  priceBps: bigint;
  maxAgeSeconds: bigint;
};

export type OwnView = {
  deployment: Deployment;
  mandateId: string;
  riskSpec: RiskSpec;
  featureSpec: FeatureSpec;
  model: LoadedModel | undefined;
  /** Our own evidence for the same cut-off. */
  evidence: EvidenceBundle;
  engine: AnchoredFeatures | undefined;
  chain: string;
  /** A second source for the price: the chain's feed. */
  secondPriceE8: bigint;
  nowSeconds: bigint;
  tolerances: Tolerances;
  /** Where the contract will not see the reveal: the rules that are ours to check. */
  sealed?: DirectionTerms | undefined;
};

export type Judgement = { verdict: "yes" | "no"; reason: number; flags: number; note: string };

export function judge(published: PublishedPrediction, own: OwnView): Judgement {
  let flags = 0;
  const no = (reason: ReasonName, note: string): Judgement => ({
    verdict: "no",
    reason: REASON[reason],
    flags,
    note: `${reason}: ${note}`,
  });
  const { prediction, reveal } = published;
  if (prediction.mandateId !== own.mandateId) return no("wrongMandate", prediction.mandateId);
  if (!own.model || own.model.modelId !== prediction.modelId) return no("unknownModel", prediction.modelId);
  if (riskSpecHash(own.riskSpec) !== prediction.riskSpecHash)
    return no("unknownRiskSpec", prediction.riskSpecHash);
  if (
    own.nowSeconds > prediction.entryExpiresAt ||
    own.nowSeconds > prediction.observedAt + own.tolerances.maxAgeSeconds
  )
    return no("stale", `observed ${own.nowSeconds - prediction.observedAt} s ago`);

  const inputs = inputsDiffer(published, own);
  if (inputs) return no(inputs.reason, inputs.note);
  // Perishable inputs agree within tolerance: the publisher's figures, now witnessed, are what the hash covers.
  const bundle: EvidenceBundle = { ...published.evidence, candles: own.evidence.candles };
  const unseen = unwitnessed(published.evidence.openInterest, own.evidence.openInterest);
  if (unseen === 0) flags |= FLAG.INPUTS;

  const computed = recompute(bundle, own);
  if ("refused" in computed) return no("featuresRefused", computed.refused);
  flags |= FLAG.FEATURES;
  if (!outputsAgree(computed.output, published.output))
    return no(
      "outputDiffers",
      `own ${computed.output.probUpPpm}/${computed.output.sigmaPpm}, published ${published.output.probUpPpm}/${published.output.sigmaPpm}`,
    );
  flags |= FLAG.INFERENCE;

  const sizing = sizingDiffers(published, own);
  if (sizing) return no(sizing.reason, sizing.note);
  if (sealOf(own.deployment, prediction.mandateId, prediction.sequence, reveal) !== prediction.seal)
    return no("sealDiffers", prediction.seal);
  flags |= FLAG.SIZING;
  if (own.sealed) {
    const broken = directionBroken(prediction, reveal, own.sealed);
    if (broken) return no("directionBroken", broken);
    flags |= FLAG.DIRECTION;
  }

  const offBps =
    (absBigint(own.secondPriceE8 - prediction.referencePriceE8) * 10_000n) / prediction.referencePriceE8;
  if (own.secondPriceE8 <= 0n || offBps > own.tolerances.priceBps)
    return no("priceOffSecondSource", `${offBps} bps from the feed`);
  flags |= FLAG.PRICE;
  return {
    verdict: "yes",
    reason: REASON.none,
    flags,
    note: `recomputed ${computed.output.probUpPpm} ppm, same decision${unseen > 0 ? `; without INPUTS, ${unseen} older open interest samples were not recorded here` : ""}`,
  };
}

function inputsDiffer(
  published: PublishedPrediction,
  own: OwnView,
): { reason: ReasonName; note: string } | undefined {
  const theirs = published.evidence;
  const mine = own.evidence;
  if (
    theirs.cutoffMs !== mine.cutoffMs ||
    theirs.anchorMs !== mine.anchorMs ||
    theirs.windowCandles !== mine.windowCandles ||
    theirs.stepMs !== mine.stepMs ||
    theirs.market !== mine.market
  )
    return { reason: "candlesDiffer", note: "another window" };
  if (fundingHash(theirs.funding) !== fundingHash(mine.funding))
    return { reason: "fundingDiffers", note: `${theirs.funding.length} settled rates` };
  if (bookDiffers(theirs.book, mine.book, own.tolerances.bookBps))
    return {
      reason: "bookDiffers",
      note: `u=${theirs.book?.updateId ?? "none"}, own u=${mine.book?.updateId ?? "none"}`,
    };
  const interest = interestDiffers(theirs.openInterest, mine.openInterest, own.tolerances.openInterestBps);
  if (interest) return { reason: "openInterestDiffers", note: interest };
  if (!sameSentiment(theirs.fearGreed, mine.fearGreed) || !sameSentiment(theirs.headlines, mine.headlines))
    return { reason: "sentimentDiffers", note: "not what we recorded" };
  if (absBigint(theirs.equityE8 - mine.equityE8) > own.tolerances.equityE8)
    return { reason: "equityDiffers", note: `published ${theirs.equityE8}, own ${mine.equityE8}` };
  // Candles come last: their hash is inside evidenceHash, so say which part broke when everything else agrees.
  const ours = evidenceHash({ ...theirs, candles: mine.candles }, own.chain);
  if (ours !== published.prediction.evidenceHash)
    return { reason: "candlesDiffer", note: `${mine.candles.length} candles hash to ${ours.slice(0, 10)}` };
  return undefined;
}

/** One update of the book has one content. Another update must have its best prices near our own. */
function bookDiffers(theirs: BookSample | null, mine: BookSample | null, toleranceBps: bigint): boolean {
  if (bookHash(theirs) === bookHash(mine)) return false;
  if (!theirs || !mine || theirs.updateId === mine.updateId || toleranceBps === 0n) return true;
  if (theirs.observedAtMs !== mine.observedAtMs) return true;
  return (["bids", "asks"] as const).some((side) => {
    const price = theirs[side][0]?.[0];
    const own = mine[side][0]?.[0];
    if (price === undefined || own === undefined) return price !== own;
    return absBigint(price - own) * 10_000n > own * toleranceBps;
  });
}

/** The newest sample is the same one, and those recorded here match; for older ones see {@link unwitnessed}. */
function interestDiffers(
  theirs: readonly OpenInterestSample[],
  mine: readonly OpenInterestSample[],
  toleranceBps: bigint,
): string | undefined {
  const known = new Map(mine.map((sample) => [sample.observedAtMs, sample.amountE8]));
  const newest = theirs.at(-1);
  const witnessed = mine.at(-1);
  if (newest?.observedAtMs !== witnessed?.observedAtMs)
    return `newest sample is of ${newest?.observedAtMs ?? "none"}, own is of ${witnessed?.observedAtMs ?? "none"}`;
  let beforeMs = Number.NEGATIVE_INFINITY;
  for (const sample of theirs) {
    if (sample.observedAtMs <= beforeMs) return `sample ${sample.observedAtMs} is not later than ${beforeMs}`;
    beforeMs = sample.observedAtMs;
    const own = known.get(sample.observedAtMs);
    if (own !== undefined && absBigint(own - sample.amountE8) * 10_000n > own * toleranceBps)
      return `sample ${sample.observedAtMs}: ${sample.amountE8}, own ${own}`;
  }
  return undefined;
}

/** An attester that started later, or missed a slot, has no word on these samples: it withholds the INPUTS flag. */
function unwitnessed(theirs: readonly OpenInterestSample[], mine: readonly OpenInterestSample[]): number {
  const known = new Set(mine.map((sample) => sample.observedAtMs));
  return theirs.filter((sample) => !known.has(sample.observedAtMs)).length;
}

const sameSentiment = (a: SentimentSample | null, b: SentimentSample | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.source === b.source &&
    a.publishedAtMs === b.publishedAtMs &&
    a.valuePpm === b.valuePpm);

function recompute(bundle: EvidenceBundle, own: OwnView) {
  try {
    const vector = featuresOf(own.featureSpec, bundle, own.engine);
    const outcome = outputOf(own.model as LoadedModel, vector);
    return outcome.kind === "output" ? { output: outcome.output } : { refused: outcome.reason };
  } catch (error) {
    if (error instanceof DomainError) return { refused: error.message };
    throw error;
  }
}

/** The decision must follow from what was published by the one integer function. */
function sizingDiffers(
  published: PublishedPrediction,
  own: OwnView,
): { reason: ReasonName; note: string } | undefined {
  const { prediction, reveal } = published;
  const { riskSpec } = own;
  const observedAt = toUnixSeconds(published.evidence.cutoffMs);
  const lastCloseE8 = own.evidence.candles.at(-1)?.closeE8;
  if (prediction.referencePriceE8 !== lastCloseE8)
    return {
      reason: "boundsDiffer",
      note: `reference price ${prediction.referencePriceE8}, last close ${lastCloseE8}`,
    };
  if (differs(prediction, timesOf(observedAt, riskSpec)))
    return { reason: "timesDiffer", note: "times do not follow from the risk spec" };
  const sized = decide(published.output, published.evidence.equityE8, prediction.referencePriceE8, riskSpec);
  if ("declined" in sized) return { reason: "decisionDiffers", note: `own decision: ${sized.declined}` };
  const { decision } = sized;
  const { leverageBps, ...order } = revealOf(decision, reveal.salt);
  if (differs(reveal, order))
    return { reason: "decisionDiffers", note: `own ${decision.side} ${decision.qtyE8}` };
  if (differs(reveal, { leverageBps }) || differs(prediction, boundsOf(decision)))
    return { reason: "boundsDiffer", note: "declared bounds do not follow from the decision" };
  return undefined;
}

/** Whether any field is not as expected. */
const differs = <T extends object>(found: T, expected: Partial<T>): boolean =>
  (Object.keys(expected) as (keyof T)[]).some((name) => found[name] !== expected[name]);
