/** Station 2. The evidence bundle, its hash, and the features as a pure function of it. */
import { type EvidenceBundle, evidenceHash } from "../../domain/evidence.ts";
import { DomainError } from "../../errors/errors.ts";
import { featuresOf } from "../../features/index.ts";
import { storedCandles } from "../ingest/candles.ts";
import { replace, slotOf } from "../records.ts";
import { type Deps, declined, done, noop, type Outcome, work } from "../station.ts";
import { encodeFloats } from "./floats.ts";
import type { MarketWindow } from "./window.ts";

export type SlotEvent = { cutoffMs: number };

export async function features(deps: Deps, event: SlotEvent): Promise<Outcome> {
  const { config, store, window, clock } = deps;
  const slot = await slotOf(store, config.market, event.cutoffMs);
  if (slot.value.phase !== "ingested" || !slot.value.evidence) return noop(`slot is ${slot.value.phase}`);
  await bringUp(deps, window, event.cutoffMs);
  const { candleCount, ...evidence } = slot.value.evidence;
  const bundle: EvidenceBundle = { ...evidence, candles: window.candles };
  try {
    if (candleCount !== window.candles.length)
      throw new DomainError(
        "features.gap",
        `window holds ${window.candles.length} candles, expected ${candleCount}`,
      );
    const vector = featuresOf(window.spec, bundle, window.engine);
    await store.transact([
      replace(slot, {
        phase: "featured",
        evidenceHash: evidenceHash(bundle, window.chain),
        features: {
          sequence: encodeFloats(vector.sequence),
          statics: encodeFloats(vector.statics),
          sigmaPpm: vector.sigmaPpm,
          hash: vector.hash,
        },
      }),
      work("predict", event, `predict:${config.market}:${event.cutoffMs}`, clock.nowMs()),
    ]);
    return done(
      `${vector.sequence.length + vector.statics.length} values, sigma ${vector.sigmaPpm} ppm, ${vector.hash.slice(0, 10)}`,
    );
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    await store.transact([
      replace(slot, { phase: "declined", declined: { station: "features", reason: error.message } }),
    ]);
    return declined(error.message);
  }
}

/** Pushes stored candles up to the cut-off; starts over when the window is ahead, behind a gap, or cold. */
export async function bringUp(
  deps: Pick<Deps, "store"> & { config: Pick<Deps["config"], "market"> },
  window: MarketWindow,
  cutoffMs: number,
): Promise<void> {
  if (window.cutoffMs > cutoffMs || window.cutoffMs < window.firstOpenMs(cutoffMs)) window.reset();
  const fromMs = window.cutoffMs || window.firstOpenMs(cutoffMs);
  for (const candle of await storedCandles(deps.store, deps.config.market, fromMs, cutoffMs))
    window.push(candle);
}
