/** One run of an engine: when it is over, and what it amounts to. */
import { Rpc } from "../adapters/evm/rpc.ts";
import { revealsOf, type Standing, standingOf } from "../adapters/evm/standing.ts";
import type { Engine } from "../adapters/local/engine.ts";
import type { World } from "../config/world.ts";
import { sortKey } from "../domain/market.ts";
import { type PredictionRecord, TERMINAL_PHASES } from "../domain/records.ts";
import type { TxStatus } from "../ports/chain.ts";
import { Latencies } from "../report/latency.ts";
import { buildReport, type Report } from "../report/report.ts";
import { reconcile } from "../stations/distribute/reconcile.ts";
import { openPrediction, riskState } from "../stations/records.ts";
import { put, work } from "../stations/station.ts";

const MAX_RECORDS = 10_000;

/** JSON has no large integers. */
const inWords = (standing: Standing): Report["standing"] => ({
  operatorBondE6: String(standing.operatorBondE6),
  attesterBondsE6: standing.attesterBondsE6.map(String),
  stakedSaksi: String(standing.stakedSaksi),
  signalledSaksi: String(standing.signalledSaksi),
  courtMaySlash: standing.courtMaySlash,
  allocatedE6: String(standing.allocatedE6),
  targetE6: String(standing.targetE6),
  feesPassedOnE6: String(standing.feesPassedOnE6),
  feesWaitingE6: String(standing.feesWaitingE6),
});

export class Run {
  readonly #engine: Engine;
  readonly #world: World;
  readonly #target: number | undefined;
  readonly #startedAt: number;
  readonly #latencies = new Latencies();
  readonly #slotStarted = new Map<number, number>();
  #stopping = false;
  #halted = false;
  #closeAfterEpoch: bigint | undefined;
  /** Something ran since the last look at the records. */
  #changed = true;
  #allTerminalBelow = 1n;

  constructor(engine: Engine, world: World, options: { target: number | undefined; startedAt: number }) {
    this.#engine = engine;
    this.#world = world;
    this.#target = options.target;
    this.#startedAt = options.startedAt;
    this.#measure();
  }

  /** From the first work on a slot to its signature, and from the wake-up of an approval to the order's acceptance. */
  #measure(): void {
    const { runner } = this.#engine;
    let startedAt = performance.now();
    runner.onStart = (row) => {
      startedAt = performance.now();
      const { cutoffMs } = row.event as { cutoffMs?: number };
      if (row.station === "ingest" && cutoffMs) this.#slotStarted.set(cutoffMs, startedAt);
    };
    runner.onRow = (row, outcome) => {
      const now = performance.now();
      this.#changed = true;
      const { cutoffMs } = row.event as { cutoffMs?: number };
      if (row.station === "publish" && outcome?.status === "done" && cutoffMs)
        this.#latencies.closeToPublished(now - (this.#slotStarted.get(cutoffMs) ?? now));
      if (row.station === "publish" || outcome?.status === "declined")
        this.#slotStarted.delete(cutoffMs ?? 0);
      if (row.station === "execute" && outcome?.status === "done" && row.dedupeId.startsWith("enter:"))
        this.#latencies.approvalToWire(now - startedAt);
    };
  }

  stop(): void {
    this.#stopping = true;
    this.#changed = true;
  }

  /**
   * Over when enough predictions are terminal, nothing is open, everything is final and the epoch is closed. On a real
   * market nobody waits for the end of an epoch.
   */
  async finished(): Promise<boolean> {
    if (!this.#changed) return false;
    this.#changed = false;
    const count = await this.#count();
    if (!this.#stopping && (this.#target === undefined || count.terminal < this.#target)) return false;
    await this.#halt();
    const { deps } = this.#engine;
    if (count.open) return false;
    if (this.#world.mode !== "simulated") return true;
    const { epoch } = await deps.chain.epoch();
    this.#closeAfterEpoch ??= epoch;
    return epoch > this.#closeAfterEpoch && (await this.#distributed(this.#closeAfterEpoch));
  }

  async #distributed(epoch: bigint): Promise<boolean> {
    const item = await this.#engine.store.get<{ state: string; distributed?: Record<string, unknown> }>(
      "epoch",
      epoch.toString().padStart(16, "0"),
    );
    return item?.value.state === "closed" && item.value.distributed?.["pnlE6"] !== undefined;
  }

  /** No new risk; an open trip is closed when a person stopped the run, and runs to its horizon otherwise. */
  async #halt(): Promise<void> {
    if (this.#halted) return;
    this.#halted = true;
    const { deps, store, clock } = this.#engine;
    const risk = await riskState(store, deps.config.mandateId);
    const open = await openPrediction(store, deps.config.mandateId);
    const close = this.#stopping && open && (open.value.phase === "open" || open.value.phase === "closing");
    await store.transact([
      put(
        risk.pk,
        risk.sk,
        { ...risk.value, mode: this.#stopping ? "HALT" : "REDUCE", modeReason: "the run is ending" },
        risk.version,
      ),
      ...(close
        ? [
            work(
              "execute",
              { id: open.value.id, leg: "exit", reason: "halt" },
              `halt:${open.value.id}`,
              clock.nowMs(),
            ),
          ]
        : []),
    ]);
  }

  /** How many predictions are terminal, and whether any is not. Terminal ones at the front are never read again. */
  async #count(): Promise<{ terminal: number; open: boolean }> {
    const { deps, store } = this.#engine;
    const items = await store.query<PredictionRecord>(`prediction#${deps.config.mandateId}`, {
      from: sortKey(this.#allTerminalBelow),
      limit: MAX_RECORDS,
    });
    const isTerminal = (record: PredictionRecord): boolean => TERMINAL_PHASES.includes(record.phase);
    const before = Number(this.#allTerminalBelow) - 1;
    const firstOpen = items.findIndex((item) => !isTerminal(item.value));
    this.#allTerminalBelow += BigInt(firstOpen < 0 ? items.length : firstOpen);
    const terminal = before + items.filter((item) => isTerminal(item.value)).length;
    return { terminal, open: firstOpen >= 0 };
  }

  async report(): Promise<Report> {
    const { deps, store, runner } = this.#engine;
    const lane = await store.query<TxStatus>(`tx#${this.#world.chain.chainId}#${this.#engine.relayer}`, {
      limit: MAX_RECORDS,
    });
    const rpc = new Rpc(this.#world.chain.url, this.#world.chain.chainId);
    const [reveals, standing] = await Promise.all([
      revealsOf(rpc, this.#world),
      standingOf(rpc, this.#world),
    ]).finally(() => rpc.close());
    return buildReport(deps, {
      seed: this.#world.seed,
      source: this.#world.source,
      transport: this.#world.transport,
      startMs: this.#world.startMs,
      wallSeconds: Math.round((performance.now() - this.#startedAt) / 10) / 100,
      stations: runner.stats,
      latencies: this.#latencies,
      reconciliation: await reconcile(deps),
      txs: lane.map((item) => item.value),
      reveals,
      standing: inWords(standing),
    });
  }
}
