/** The public API of the engine: what was decided, on what evidence, and whether all is well. Reads the store only. */
import type { PredictionPhase, PredictionRecord } from "../../domain/records.ts";
import { SaksiError } from "../../errors/errors.ts";
import { storedCandles } from "../../stations/ingest/candles.ts";
import { publishedOf } from "../../stations/publish/published.ts";
import { predictionById, riskState } from "../../stations/records.ts";
import { type Deps, openIncidents } from "../../stations/station.ts";
import { jsonServer } from "./json.ts";

const MAX_LISTED = 100;
const TRADING: readonly PredictionPhase[] = ["open", "closing", "closed", "settling"];
const ID = /^0x[0-9a-f]{64}$/;

export function apiServer(deps: Deps) {
  const { store, config, queue, clock } = deps;
  /** Until the settlement opens the seal, direction, prices, output and result are the operator's alone. */
  const hidden = (value: PredictionRecord): boolean =>
    deps.transport.name === "sealed" && value.settledAtMs === undefined;
  /** So is whether anything was filled: the chain does not know it either. */
  const phaseOf = (value: PredictionRecord): PredictionPhase =>
    hidden(value) && TRADING.includes(value.phase) ? "approved" : value.phase;
  const idOf = (path: string): string => {
    const id = path.slice(path.lastIndexOf("/") + 1);
    if (!ID.test(id))
      throw new SaksiError("api.id", "a prediction id is 0x and 64 hexadecimal digits, lower case");
    return id;
  };
  return jsonServer({
    "GET /predictions/": async ({ path }) => {
      const { value } = await predictionById(store, idOf(path));
      const { reveal, output, ...open } = publishedOf(value);
      return {
        ...open,
        ...(hidden(value) ? { sealed: true } : { reveal, output }),
        phase: phaseOf(value),
        publishedAtMs: value.publishedAtMs,
        rejection: value.rejection,
        pnlE8: hidden(value) ? undefined : value.pnlE8,
      };
    },
    "GET /predictions": async ({ params }) => {
      const market = params.get("market") ?? config.market;
      const unknown = [...params.keys()].find((name) => name !== "market");
      if (unknown)
        throw new SaksiError("api.query", `unknown query parameter "${unknown}"; only market is known`);
      if (market !== config.market) return [];
      const items = await store.query<PredictionRecord>(`prediction#${config.mandateId}`, {
        limit: MAX_LISTED,
        descending: true,
      });
      return items.map(({ value }) => ({
        id: value.id,
        sequence: value.prediction.sequence,
        observedAt: value.prediction.observedAt,
        phase: phaseOf(value),
        pnlE8: hidden(value) ? undefined : value.pnlE8,
      }));
    },
    "GET /evidence/": async ({ path }) => {
      const { value } = await predictionById(store, idOf(path));
      const { candleCount, ...evidence } = value.evidence;
      const fromMs = evidence.anchorMs - evidence.windowCandles * evidence.stepMs;
      const candles = await storedCandles(store, config.market, fromMs, evidence.cutoffMs);
      return { ...evidence, candleCount, candles, evidenceHash: value.prediction.evidenceHash };
    },
    "GET /health": async () => {
      const [counts, incidents, risk] = await Promise.all([
        queue.counts(),
        openIncidents(deps),
        riskState(store, config.mandateId),
      ]);
      return {
        ok: incidents.length === 0 && counts.buried === 0,
        nowMs: clock.nowMs(),
        market: config.market,
        mode: risk.value.mode,
        queue: counts,
        incidents: incidents.map(({ kind, text, atMs }) => ({ kind, text, atMs })),
      };
    },
  });
}
