/** Station 3. Runs the model whose content hash the mandate names, and quantises what it says. */

import { DomainError } from "../../errors/errors.ts";
import { outputOf } from "../../models/index.ts";
import type { SlotEvent } from "../features/features.ts";
import { decodeFloats } from "../features/floats.ts";
import { replace, slotOf } from "../records.ts";
import { type Deps, declined, done, noop, type Outcome, work } from "../station.ts";

export async function predict(deps: Deps, event: SlotEvent): Promise<Outcome> {
  const { config, store, clock } = deps;
  const slot = await slotOf(store, config.market, event.cutoffMs);
  if (slot.value.phase !== "featured" || !slot.value.features) return noop(`slot is ${slot.value.phase}`);
  const decline = async (reason: string): Promise<Outcome> => {
    await store.transact([replace(slot, { phase: "declined", declined: { station: "predict", reason } })]);
    return declined(reason);
  };
  const { sequence, statics, sigmaPpm, hash } = slot.value.features;
  try {
    const model = await deps.models.load(config.modelId);
    const outcome = outputOf(model, {
      cutoffMs: event.cutoffMs,
      sequence: decodeFloats(sequence),
      statics: decodeFloats(statics),
      sigmaPpm,
      hash,
    });
    if (outcome.kind === "refused") return decline(outcome.reason);
    await store.transact([
      replace(slot, { phase: "predicted", output: outcome.output }),
      work("risk", event, `risk:${config.market}:${event.cutoffMs}`, clock.nowMs()),
    ]);
    return done(
      `P(up) ${(outcome.output.probUpPpm / 10_000).toFixed(2)} %, sigma ${outcome.output.sigmaPpm} ppm (${model.manifest.name})`,
    );
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return decline(error.message);
  }
}
