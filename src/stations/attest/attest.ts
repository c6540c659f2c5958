/** Station 6. Brings the signed prediction and the attesters' verdict before the validator; past the deadline, lapses it. */
import { messageOf, Refused } from "../../errors/errors.ts";
import { predictionById, replace } from "../records.ts";
import { again, type Deps, declined, done, noop, nowSeconds, type Outcome } from "../station.ts";

export type AttestEvent = { id: string; lapse?: boolean };

const RETRY_MS = 5_000;

export async function attest(deps: Deps, event: AttestEvent): Promise<Outcome> {
  const record = await predictionById(deps.store, event.id);
  const { prediction, reveal, signature, phase } = record.value;
  if (event.lapse) return lapse(deps, event.id);
  if (phase !== "signed" || !signature) return noop(`prediction is ${phase}`);
  if (nowSeconds(deps) > prediction.entryExpiresAt)
    return declined("the entry expired before a quorum was found; the sequence will lapse");
  try {
    const { summary } = await deps.transport.submit({ id: event.id, prediction, signature, reveal });
    await deps.store.transact([replace(record, { phase: "submitted", transport: deps.transport.name })]);
    return done(`#${prediction.sequence} ${summary} (${deps.transport.name})`);
  } catch (error) {
    if (error instanceof Refused)
      return again(`no quorum yet: ${messageOf(error)}`, deps.clock.nowMs() + RETRY_MS);
    throw error;
  }
}

/** Anyone may do this; we do it for our own, so that a silent quorum never blocks the sequence. */
async function lapse(deps: Deps, id: string): Promise<Outcome> {
  const record = await predictionById(deps.store, id);
  const { state } = await deps.chain.stateOf(id);
  if (state !== "None" && state !== "Registered") return noop(`prediction is ${state} on-chain`);
  const { prediction, signature } = record.value;
  if (!signature) return noop("never signed");
  await deps.chain.lapse({ id, prediction, signature });
  return done(`#${prediction.sequence} lapses: nobody attested it in time`);
}
