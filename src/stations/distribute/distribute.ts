/** Station 10. At epoch close: reconcile, have the equity witnessed, close; the contract runs the waterfall. */
import { sortKey } from "../../domain/market.ts";
import { type EpochRecord, type PredictionRecord, TERMINAL_PHASES } from "../../domain/records.ts";
import { messageOf, Refused } from "../../errors/errors.ts";
import type { Write } from "../../ports/store.ts";
import { askQuorum } from "../quorum.ts";
import { again, type Deps, done, noop, nowSeconds, type Outcome, put, work } from "../station.ts";
import { reconcile } from "./reconcile.ts";

export type DistributeEvent =
  | { epoch: bigint }
  | { closed: bigint; event: string; args: Record<string, bigint | string | boolean> };

const RETRY_MS = 15_000;
const MAX_LISTED = 50;

export function epochWork(config: Deps["config"], epoch: bigint, snapshotAt: bigint): Write {
  return work(
    "distribute",
    { epoch },
    `epoch:${config.mandateId}:${epoch}`,
    Number(snapshotAt) * 1000 + config.candleDelayMs,
  );
}

export async function distribute(deps: Deps, event: DistributeEvent): Promise<Outcome> {
  if ("closed" in event) return record(deps, event);
  const key = { pk: "epoch", sk: sortKey(event.epoch) };
  const stored = await deps.store.get<EpochRecord>(key.pk, key.sk);
  if (stored && stored.value.state !== "open") return noop(`epoch ${event.epoch} is ${stored.value.state}`);
  const { epoch, snapshotAt } = await deps.chain.epoch();
  if (epoch !== event.epoch) return noop(`the running epoch is ${epoch}`);
  if (nowSeconds(deps) < snapshotAt)
    return again("the snapshot time is not reached", Number(snapshotAt) * 1000 + deps.config.candleDelayMs);
  const waiting = await unsettled(deps);
  if (waiting)
    return again(`round trip ${waiting.prediction.sequence} is not final yet`, deps.clock.nowMs() + RETRY_MS);

  const sums = await reconcile(deps);
  try {
    const { mandateId } = deps.config;
    const answer = await askQuorum(deps.attesters, deps.config.quorum, (attester) =>
      attester.witnessEpoch({ mandateId, epoch, snapshotAt }),
    );
    await deps.chain.closeEpoch({ epoch, payload: answer.payload, signatures: answer.signatures });
    const value: EpochRecord = {
      epoch,
      snapshotAt,
      state: "witnessed",
      ledgerPnlE8: sums.ledgerPnlE8,
      venuePnlE8: sums.venuePnlE8,
      chainPnlE8: sums.chainPnlE8,
    };
    await deps.store.transact([put(key.pk, key.sk, value, stored?.version ?? 0)]);
    return done(
      `epoch ${epoch}: ledger ${sums.ledgerPnlE8} = venue ${sums.venuePnlE8} = chain ${sums.chainPnlE8} (E8), closing`,
    );
  } catch (error) {
    if (error instanceof Refused) return again(messageOf(error), deps.clock.nowMs() + RETRY_MS);
    throw error;
  }
}

async function unsettled(deps: Deps): Promise<PredictionRecord | undefined> {
  const recent = await deps.store.query<PredictionRecord>(`prediction#${deps.config.mandateId}`, {
    limit: MAX_LISTED,
    descending: true,
  });
  return recent.map((item) => item.value).find((value) => !TERMINAL_PHASES.includes(value.phase));
}

/** The contract's own words about the close, kept; the next epoch is put on the calendar. */
async function record(
  deps: Deps,
  event: { closed: bigint; event: string; args: Record<string, bigint | string | boolean> },
): Promise<Outcome> {
  const key = { pk: "epoch", sk: sortKey(event.closed) };
  const stored = await deps.store.get<EpochRecord>(key.pk, key.sk);
  const before: EpochRecord = stored?.value ?? { epoch: event.closed, snapshotAt: 0n, state: "witnessed" };
  const next = await deps.chain.epoch();
  await deps.store.transact([
    put(
      key.pk,
      key.sk,
      { ...before, state: "closed", distributed: { ...before.distributed, ...event.args } },
      stored?.version ?? 0,
    ),
    epochWork(deps.config, next.epoch, next.snapshotAt),
  ]);
  if (event.event !== "Distributed")
    return done(`epoch ${event.closed} closed, residual ${event.args["residualE8"]} (E8)`);
  const { pnlE6, bondPaidE6, depositorsE6, feeOperatorE6, feeStakersE6, feeTreasuryE6 } = event.args;
  return done(
    `epoch ${event.closed}: pnl ${pnlE6} (E6) → depositors ${depositorsE6}, bond paid ${bondPaidE6}, fees ${feeOperatorE6}/${feeStakersE6}/${feeTreasuryE6}`,
  );
}
