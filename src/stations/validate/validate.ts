/** Station 7. What the contract decided becomes the state of our record, and the next station's work. */
import { REASON, reasonName } from "../../domain/attestation.ts";
import type { PredictionRecord } from "../../domain/records.ts";
import type { ChainEventName } from "../../ports/chain.ts";
import type { Item } from "../../ports/store.ts";
import { distrustCandles } from "../ingest/candles.ts";
import { predictionById, replace, riskState } from "../records.ts";
import { type Deps, declined, done, incident, noop, type Outcome, put, work } from "../station.ts";

export type ValidateEvent = {
  name: ChainEventName;
  id: string;
  timestamp: number;
  args: Record<string, bigint | string | boolean>;
};

/** Status of docs/contracts.md. */
const ALREADY_KNOWN = 10;
const MAX_SETTLE_ATTEMPTS = 5;
const INPUT_REASONS: readonly number[] = [REASON.candlesDiffer, REASON.evidenceHashDiffers];

export async function validate(deps: Deps, event: ValidateEvent): Promise<Outcome> {
  if (event.name === "EpochClosed" || event.name === "Distributed") {
    await deps.store.transact([
      work(
        "distribute",
        { closed: event.args["epoch"], event: event.name, args: event.args },
        `distributed:${event.name}:${event.args["epoch"]}`,
        deps.clock.nowMs(),
        "distributed",
      ),
    ]);
    return done(`epoch ${event.args["epoch"]} ${event.name}`);
  }
  if (!event.id || !(await deps.store.get("predictionId", event.id)))
    return noop("not one of our predictions");
  const record = await predictionById(deps.store, event.id);
  const atMs = event.timestamp * 1000;
  const subject = `#${record.value.prediction.sequence}`;
  switch (event.name) {
    case "Ignored":
      return ignored(deps, record, event);
    case "Approved":
      if (record.value.phase !== "submitted" && record.value.phase !== "signed")
        return noop(`prediction is ${record.value.phase}`);
      await deps.store.transact([
        replace(record, { phase: "approved", approvedAtMs: atMs }),
        work("execute", { id: event.id, leg: "entry" }, `enter:${event.id}`, deps.clock.nowMs()),
      ]);
      return done(`${subject} approved`);
    case "Rejected":
      return rejected(deps, record, event);
    case "Revoked":
      await deps.store.transact([replace(record, { revoked: true })]);
      return done(`${subject} revoked by the guardian: no entry any more`);
    case "Settled":
      return settled(deps, record, event, atMs);
    case "Cancelled":
      await deps.store.transact([replace(record, { phase: "cancelled", finalAtMs: atMs })]);
      return done(`${subject} cancelled: ${record.value.noTripReason ?? "nothing was filled"}`);
    case "Finalized":
      await deps.store.transact([replace(record, { phase: "final", finalAtMs: atMs })]);
      return done(`${subject} final, pnl ${event.args["pnlE8"]} (E8)`);
    case "Expired":
      await deps.store.transact([
        replace(record, { phase: "expired" }),
        work(
          "settle",
          { id: event.id, finalize: true },
          `finalize:${event.id}`,
          Number(event.args["finalizableAt"] ?? 0n) * 1000,
        ),
        incident(
          deps.clock.nowMs(),
          "expired",
          event.id,
          "settlement did not arrive in time; the declared maximum loss was booked",
        ),
      ]);
      return declined(`${subject} expired`);
    case "Disputed":
      // not an incident: whoever pays the bond could stop new entries with it
      return done(`${subject} disputed, the result waits until ${event.args["deadline"]} at most`);
    case "Resolved":
      return resolved(deps, record, event, atMs);
    default:
      return noop(event.name);
  }
}

/** The contract recorded nothing. A settlement may be sent again; an ignored verdict is for a person to see. */
async function ignored(deps: Deps, record: Item<PredictionRecord>, event: ValidateEvent): Promise<Outcome> {
  const status = Number(event.args["status"] ?? 0n);
  const { id, phase, prediction, settleAttempts = 0 } = record.value;
  if (status === ALREADY_KNOWN) return noop("the contract knew it already");
  if (phase === "settling" && settleAttempts < MAX_SETTLE_ATTEMPTS) {
    await deps.store.transact([
      replace(record, { phase: "closed" }),
      work("settle", { id }, `settle:${id}:${settleAttempts + 1}`, deps.clock.nowMs()),
    ]);
    return done(`#${prediction.sequence} settlement ignored (status ${status}), sending it again`);
  }
  await deps.store.transact([
    incident(
      deps.clock.nowMs(),
      "ignored",
      id,
      `the contract ignored a statement about #${prediction.sequence} (status ${status}, phase ${phase})`,
    ),
  ]);
  return declined(`#${prediction.sequence}: statement ignored with status ${status}`);
}

async function rejected(deps: Deps, record: Item<PredictionRecord>, event: ValidateEvent): Promise<Outcome> {
  const reasonBits = BigInt(event.args["reasonBits"] as bigint);
  const attesterReason = Number(event.args["attesterReason"] ?? 0n);
  const words = String(event.args["text"] ?? reasonBits);
  const text = attesterReason ? `${words} (${reasonName(attesterReason)})` : words;
  if (INPUT_REASONS.includes(attesterReason))
    await distrustCandles(deps.store, deps.config.market, deps.window.firstOpenMs(record.value.cutoffMs));
  if (INPUT_REASONS.includes(attesterReason)) deps.window.reset();
  await deps.store.transact([
    replace(record, { phase: "rejected", rejection: { reasonBits, attesterReason, text } }),
  ]);
  return declined(`#${record.value.prediction.sequence} rejected by the contract: ${text}`);
}

/** The court's figure is what is booked; another one than was posted is for a person to see. */
async function resolved(
  deps: Deps,
  record: Item<PredictionRecord>,
  event: ValidateEvent,
  atMs: number,
): Promise<Outcome> {
  const subject = `#${record.value.prediction.sequence}`;
  const [posted, pnlE8] = [BigInt(event.args["postedPnlE8"] ?? 0n), BigInt(event.args["pnlE8"] ?? 0n)];
  const text = `the court booked ${pnlE8} in place of ${posted} (E8)`;
  await deps.store.transact([
    replace(record, { phase: "final", finalAtMs: atMs, pnlE8 }),
    ...(pnlE8 === posted ? [] : [incident(deps.clock.nowMs(), "corrected", event.id, text)]),
  ]);
  return pnlE8 === posted ? done(`${subject} upheld, pnl ${pnlE8} (E8)`) : declined(`${subject}: ${text}`);
}

async function settled(
  deps: Deps,
  record: Item<PredictionRecord>,
  event: ValidateEvent,
  atMs: number,
): Promise<Outcome> {
  const pnlE8 = BigInt(event.args["pnlE8"] as bigint);
  const own = record.value.pnlE8;
  const { config, clock } = deps;
  const risk = await riskState(deps.store, config.mandateId);
  const cooldown =
    pnlE8 < 0n && config.cooldownMs > 0
      ? [
          put(
            risk.pk,
            risk.sk,
            { ...risk.value, cooldownUntilMs: clock.nowMs() + config.cooldownMs },
            risk.version,
          ),
        ]
      : [];
  const differs =
    own !== undefined && own !== pnlE8
      ? [
          incident(
            clock.nowMs(),
            "pnlDiffers",
            event.id,
            `contract booked ${pnlE8}, our ledger says ${own} (E8)`,
          ),
        ]
      : [];
  await deps.store.transact([
    replace(record, { phase: "settled", settledAtMs: atMs, pnlE8 }),
    work(
      "settle",
      { id: event.id, finalize: true },
      `finalize:${event.id}`,
      Number(event.args["finalizableAt"] ?? 0n) * 1000,
    ),
    ...cooldown,
    ...differs,
  ]);
  return done(`#${record.value.prediction.sequence} settled, pnl ${pnlE8} (E8)`);
}
