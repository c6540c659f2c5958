/** What the first slot after a start would otherwise pay for: the window's candles, the folded window, the model's first runs. */
import { messageOf } from "../../errors/errors.ts";
import { bringUp } from "../features/features.ts";
import type { Deps } from "../station.ts";
import { candleSpan, completeCandles } from "./candles.ts";

/** After these the runtime has compiled what a prediction runs through. */
const MODEL_RUNS = 20;

/**
 * Changes nothing that a slot would not do by itself. Candles are fetched only into an empty store: later lives find
 * theirs there, and what a slot would have fetched is left for the slot. A failure is said; the slot meets it again.
 */
export async function warm(deps: Deps): Promise<void> {
  const { config, store, window, clock, notify } = deps;
  try {
    const { stepMs } = window.spec;
    const closedMs = Math.floor((clock.nowMs() - config.candleDelayMs) / stepMs) * stepMs;
    if (!(await candleSpan(store, config.market)))
      await completeCandles(deps, { ...config, stepMs }, window.firstOpenMs(closedMs), closedMs);
    const span = await candleSpan(store, config.market);
    if (span) await bringUp(deps, window, span.toMs);
    const model = await deps.models.load(config.modelId);
    const { sequence, sequenceLength, statics } = model.manifest.featureSpec;
    const blank = {
      sequence: new Float32Array(sequenceLength * sequence.length),
      statics: new Float32Array(statics.length),
    };
    for (let run = 0; run < MODEL_RUNS; run++) model.predict(blank);
  } catch (error) {
    notify.line({ station: "ingest", subject: "warm-up", text: messageOf(error), level: "warn" });
  }
}
