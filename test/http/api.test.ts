import assert from "node:assert/strict";
import type { Server } from "node:http";
import { after, before, describe, it } from "node:test";
import { apiServer } from "../../src/adapters/http/api.ts";
import { getJson, listen } from "../../src/adapters/http/json.ts";
import { EXAMPLE_SLOTS, exampleDeps } from "../../src/adapters/lambda/example.ts";
import type { SqliteStore } from "../../src/adapters/sqlite/store.ts";
import type { Candle } from "../../src/domain/candle.ts";
import { type EvidenceBundle, evidenceHash } from "../../src/domain/evidence.ts";
import type { PredictionRecord } from "../../src/domain/records.ts";
import { PublishedPredictionSchema } from "../../src/domain/schemas.ts";
import { Refused } from "../../src/errors/errors.ts";
import { predictionKey, slotOf } from "../../src/stations/records.ts";
import { type Deps, incident, put, work } from "../../src/stations/station.ts";
import { SIGNATURE } from "../boundaries/published.ts";
import { prediction, reveal, word } from "../domain/samples.ts";

const MARKET = "weex:BTCUSDT";
const LISTED = 100;
const ID = word("a1");

describe("the public API", () => {
  let deps: Deps;
  let server: Server;
  let url = "";
  const store = () => deps.store as SqliteStore;
  const record = async (sequence: bigint, id: string): Promise<void> => {
    const { evidence, evidenceHash: hash } = (await slotOf(deps.store, MARKET, EXAMPLE_SLOTS.risk)).value;
    const { mandateId } = deps.config;
    const key = predictionKey(mandateId, sequence);
    const value = {
      id,
      market: MARKET,
      cutoffMs: EXAMPLE_SLOTS.risk,
      phase: "rejected",
      prediction: { ...prediction, mandateId, sequence, evidenceHash: hash },
      reveal,
      output: { probUpPpm: 540_000, sigmaPpm: 1_500 },
      evidence,
      signature: SIGNATURE,
      publishedAtMs: 5,
      rejection: { reasonBits: 1n, attesterReason: 0, text: "reveal does not match the seal" },
    } as PredictionRecord;
    await store().transact([put(key.pk, key.sk, value), put("predictionId", id, { mandateId, sequence })]);
  };
  before(async () => {
    deps = await exampleDeps({ line: () => undefined });
    server = apiServer(deps);
    url = `http://127.0.0.1:${await listen(server, 0)}`;
    await record(1n, ID);
  });
  after(() => {
    server.close();
    server.closeAllConnections();
    store().close();
  });
  const refusal = async (path: string): Promise<{ status: number; code: string; error: string }> => {
    const response = await fetch(url + path);
    return { status: response.status, ...((await response.json()) as { code: string; error: string }) };
  };

  it("keeps what a seal hides until the settlement is on the chain, the result included", async () => {
    const sealed = { ...deps, transport: { ...deps.transport, name: "sealed" as const } };
    const other = apiServer(sealed);
    const base = `http://127.0.0.1:${await listen(other, 0)}`;
    const id = word("5e");
    const key = predictionKey(deps.config.mandateId, 90n);
    try {
      await record(90n, id);
      const edit = async (over: Partial<PredictionRecord>): Promise<void> => {
        const item = await store().get<PredictionRecord>(key.pk, key.sk);
        if (item) await store().transact([put(key.pk, key.sk, { ...item.value, ...over })]);
      };
      await edit({ phase: "closed", pnlE8: 7n });
      const before = await getJson<Record<string, unknown>>(`${base}/predictions/${id}`);
      assert.deepEqual(
        [before["reveal"], before["output"], before["pnlE8"], before["sealed"], before["phase"]],
        [undefined, undefined, undefined, true, "approved"],
      );
      const [listed] = await getJson<Record<string, unknown>[]>(`${base}/predictions`);
      assert.deepEqual([listed?.["id"], listed?.["pnlE8"], listed?.["phase"]], [id, undefined, "approved"]);
      await edit({ phase: "settled", settledAtMs: 9 });
      const opened = await getJson<Record<string, unknown>>(`${base}/predictions/${id}`);
      assert.deepEqual(
        [opened["reveal"], opened["pnlE8"], opened["sealed"], opened["phase"]],
        [reveal, 7n, undefined, "settled"],
      );
    } finally {
      other.close();
      other.closeAllConnections();
      await store().transact([{ op: "delete", pk: key.pk, sk: key.sk }]);
    }
  });

  it("serves a prediction as it was published, with what became of it", async () => {
    const { phase, publishedAtMs, rejection, pnlE8, ...document } = await getJson<
      Record<string, unknown> & { rejection: { text: string } }
    >(`${url}/predictions/${ID}`);
    assert.deepEqual([phase, publishedAtMs, pnlE8], ["rejected", 5, undefined]);
    assert.equal(rejection.text, "reveal does not match the seal");
    const parsed = PublishedPredictionSchema.parse(document);
    assert.deepEqual([parsed.id, parsed.signature, parsed.reveal], [ID, SIGNATURE, reveal]);
  });

  it("serves the whole evidence, from which anyone recomputes its hash", async () => {
    const {
      candleCount,
      candles,
      evidenceHash: claimed,
      ...evidence
    } = await getJson<
      Omit<EvidenceBundle, "candles"> & { candles: Candle[]; candleCount: number; evidenceHash: string }
    >(`${url}/evidence/${ID}`);
    assert.equal(candles.length, candleCount);
    assert.equal(evidenceHash({ ...evidence, candles }), claimed);
  });

  it("lists predictions newest first, of the market asked for, and never more than a hundred", async () => {
    const list = (query = "") => getJson<{ sequence: bigint; id: string }[]>(`${url}/predictions${query}`);
    assert.deepEqual(await list(), [
      { id: ID, sequence: 1n, observedAt: prediction.observedAt, phase: "rejected" },
    ]);
    assert.deepEqual(await list(`?market=${MARKET}`), await list());
    assert.deepEqual(await list("?market=weex:ETHUSDT"), []);
    for (let at = 2; at <= LISTED + 5; at++) await record(BigInt(at), `0x${String(at).padStart(64, "0")}`);
    const listed = await list();
    assert.deepEqual(
      [listed.length, listed[0]?.sequence, listed.at(-1)?.sequence],
      [LISTED, BigInt(LISTED + 5), 6n],
    );
  });

  it("shows neither side nor prices nor size in its list", async () => {
    const [first] = await getJson<object[]>(`${url}/predictions`);
    assert.deepEqual(Object.keys(first as object).sort(), ["id", "observedAt", "phase", "sequence"]);
  });

  it("refuses a query it does not know", async () => {
    const { status, error } = await refusal("/predictions?limit=5");
    assert.deepEqual([status, error], [422, 'unknown query parameter "limit"; only market is known']);
  });

  it("says what an id looks like, whatever else it was given", async () => {
    for (const route of ["/predictions/", "/evidence/"])
      for (const id of ["", "1", ID.toUpperCase(), `${ID}0`, ID.slice(2), "..%2f..%2fkeys"]) {
        const { status, code, error } = await refusal(route + id);
        assert.deepEqual([status, code], [422, "api.id"], `${route}${id}: ${error}`);
        assert.match(error, /a prediction id is 0x and 64 hexadecimal digits/);
      }
  });

  it("names an id that nobody published, in a sentence", async () => {
    for (const route of ["/predictions/", "/evidence/"]) {
      const error = await getJson(url + route + word("99")).catch((caught: unknown) => caught);
      assert.ok(error instanceof Refused && error.code === "store.missing", String(error));
      assert.match(error.message, new RegExp(`^this store has no prediction ${word("99")}; check the value`));
    }
  });

  it("serves nothing else, and changes nothing", async () => {
    for (const path of ["/", "/keys", "/predictions/a/b", "/incidents", "/work"])
      assert.equal((await refusal(path)).status, 404, path);
    for (const method of ["POST", "PUT", "DELETE"])
      assert.equal((await fetch(`${url}/predictions/${ID}`, { method })).status, 404, method);
  });

  it("is well until there is an incident or buried work, and then says why", async () => {
    type Health = {
      ok: boolean;
      mode: string;
      market: string;
      nowMs: number;
      queue: { buried: number };
      incidents: { kind: string; text: string }[];
    };
    const health = () => getJson<Health>(`${url}/health`);
    const well = await health();
    assert.deepEqual(
      [well.ok, well.mode, well.market, well.nowMs, well.incidents],
      [true, "ACTIVE", MARKET, deps.clock.nowMs(), []],
    );
    await store().transact([incident(1, "reconcile", "x", "transfersE8 is 1")]);
    const sick = await health();
    assert.deepEqual([sick.ok, sick.incidents[0]?.text], [false, "transfersE8 is 1"]);
    await store().transact([put("incident", "reconcile:x", { open: false })]);
    assert.equal((await health()).ok, true);
    await store().transact([work("settle", { id: ID }, "lost", 0)]);
    for (let row = await store().claim(0); row; row = await store().claim(0))
      await store().bury(row.workId, "no use");
    const buried = await health();
    assert.deepEqual([buried.ok, buried.queue.buried > 0], [false, true]);
    await store().transact([put("risk", deps.config.mandateId, { mode: "HALT" })]);
    assert.equal((await health()).mode, "HALT");
  });
});
