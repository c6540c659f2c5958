import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import fc from "fast-check";
import { takeLease } from "../../src/adapters/local/lease.ts";
import { SqliteStore } from "../../src/adapters/sqlite/store.ts";
import { ConditionFailed, FenceLost, SaksiError } from "../../src/errors/errors.ts";
import { MAX_TRANSACTION_WRITES, type NewWork, type Write } from "../../src/ports/store.ts";

const dir = mkdtempSync(join(tmpdir(), "saksi-store-"));
const open: SqliteStore[] = [];
let files = 0;

function storeAt(path = join(dir, `${++files}.db`)): SqliteStore {
  const store = new SqliteStore(path);
  open.push(store);
  return store;
}
after(() => {
  for (const store of open) store.close();
  rmSync(dir, { recursive: true });
});

const put = (sk: string, value: unknown, expect?: number): Write =>
  expect === undefined ? { op: "put", pk: "p", sk, value } : { op: "put", pk: "p", sk, value, expect };
const row = (dedupeId: string, change: Partial<NewWork> = {}): Write => ({
  op: "enqueue",
  work: { station: "attest", event: { dedupeId }, lane: "lane", dedupeId, runAtMs: 0, ...change },
});
const code = (expected: string) => (error: unknown) => error instanceof SaksiError && error.code === expected;

test("what was put is read back with its version, bigints and nesting intact", async () => {
  const store = storeAt();
  await store.transact([put("a", { big: -5n, list: [1, { deep: 2n }], none: null })]);
  assert.deepEqual(await store.get("p", "a"), {
    pk: "p",
    sk: "a",
    version: 1,
    value: { big: -5n, list: [1, { deep: 2n }], none: null },
  });
  await store.transact([put("a", 1)]);
  assert.equal((await store.get("p", "a"))?.version, 2);
  assert.equal(await store.get("p", "missing"), undefined);
});

test("a put, delete or check holds only at the version it expects", async () => {
  const store = storeAt();
  await store.transact([put("a", "first", 0)]);
  for (const stale of [
    put("a", "again", 0),
    put("a", "again", 2),
    { op: "delete", pk: "p", sk: "a", expect: 2 } as const,
    { op: "check", pk: "p", sk: "a", expect: 0 } as const,
    { op: "check", pk: "p", sk: "b", expect: 1 } as const,
  ])
    await assert.rejects(store.transact([stale]), ConditionFailed);
  assert.equal((await store.get("p", "a"))?.value, "first");
  await store.transact([{ op: "check", pk: "p", sk: "b", expect: 0 }, put("a", "second", 1)]);
  await store.transact([{ op: "delete", pk: "p", sk: "a", expect: 2 }]);
  assert.equal(await store.get("p", "a"), undefined);
});

test("a transaction is all or nothing, its queued work included", async () => {
  const store = storeAt();
  await store.transact([put("kept", 1)]);
  await assert.rejects(
    store.transact([
      put("kept", 2),
      put("new", 1),
      { op: "delete", pk: "p", sk: "kept" },
      row("work"),
      put("kept", 3, 9),
    ]),
    ConditionFailed,
  );
  assert.equal((await store.get("p", "kept"))?.value, 1);
  assert.equal(await store.get("p", "new"), undefined);
  assert.deepEqual({ ...(await store.counts()) }, { waiting: 0, buried: 0 });
});

test("a transaction that is too large is refused whole", async () => {
  const store = storeAt();
  const writes = Array.from({ length: MAX_TRANSACTION_WRITES + 1 }, (_, at) => put(String(at), at));
  await assert.rejects(store.transact(writes), code("store.tooLarge"));
  await store.transact(writes.slice(1));
  assert.equal((await store.query("p", { limit: 1_000 })).length, MAX_TRANSACTION_WRITES);
});

test("a query is an inclusive range in text order, from either end, within its limit", async () => {
  const store = storeAt();
  await store.transact(["b", "d", "a", "c"].map((sk) => put(sk, sk)));
  await store.transact([{ op: "put", pk: "other", sk: "b", value: 0 }]);
  const keys = async (range: Parameters<typeof store.query>[1]) =>
    (await store.query("p", range)).map((item) => item.sk).join("");
  assert.equal(await keys({ limit: 10 }), "abcd");
  assert.equal(await keys({ limit: 10, from: "b", to: "c" }), "bc");
  assert.equal(await keys({ limit: 2, descending: true }), "dc");
  assert.equal(await keys({ limit: 10, from: "e" }), "");
});

test("work is delivered in order within its lane, and the same work is never queued twice", async () => {
  const store = storeAt();
  await store.transact([row("1"), row("2"), row("1"), row("3")]);
  const order: string[] = [];
  for (let work = await store.claim(0); work; work = await store.claim(0)) {
    order.push(work.dedupeId);
    await store.done(work.workId);
    await store.transact([row("1"), row("2")]);
  }
  assert.deepEqual(order, ["1", "2", "3"], "also not after it was done");
});

test("a head that is not due holds up its own lane and no other", async () => {
  const store = storeAt();
  await store.transact([
    row("later", { runAtMs: 500 }),
    row("behind"),
    row("elsewhere", { lane: "other", runAtMs: 10 }),
  ]);
  assert.equal(await store.nextRunAtMs(), 10);
  assert.equal(await store.claim(9), undefined);
  const first = await store.claim(10);
  assert.equal(first?.dedupeId, "elsewhere");
  await store.done(first?.workId as number);
  assert.equal(await store.nextRunAtMs(), 500, "what waits behind a head is not a timer");
  assert.equal(await store.claim(499), undefined);
  assert.equal((await store.claim(500))?.dedupeId, "later");
});

test("a retried row keeps its place, counts its attempts and runs no earlier than told", async () => {
  const store = storeAt();
  await store.transact([row("first"), row("second")]);
  const first = await store.claim(0);
  await store.retry(first?.workId as number, 100, "no answer");
  assert.equal(await store.claim(99), undefined, "its lane waits for it");
  const again = await store.claim(100);
  assert.deepEqual([again?.dedupeId, again?.attempts], ["first", 1]);
});

test("a buried row leaves its lane free and stays for a person to look at", async () => {
  const store = storeAt();
  await store.transact([row("bad"), row("good")]);
  await store.bury((await store.claim(0))?.workId as number, "hopeless");
  assert.equal((await store.claim(0))?.dedupeId, "good");
  assert.deepEqual({ ...(await store.counts()) }, { waiting: 1, buried: 1 });
});

test("of two holders only the newer one may write or take work, in every way there is", async () => {
  const path = join(dir, "fence.db");
  const former = storeAt(path);
  former.takeFence("one");
  await former.transact([put("a", 1), row("work")]);
  const { workId } = (await former.claim(0)) as { workId: number };
  const current = storeAt(path);
  current.takeFence("two");
  for (const write of [
    () => former.transact([put("a", 2)]),
    () => former.transact([]),
    () => former.done(workId),
    () => former.retry(workId, 0, ""),
    () => former.bury(workId, ""),
    () => former.claim(0),
    () => former.claim(-1),
  ])
    await assert.rejects(write(), FenceLost);
  await current.transact([put("a", 3, 1)]);
  assert.equal((await former.get("p", "a"))?.value, 3, "reading is no harm");
  assert.equal((await current.counts()).waiting, 1);
});

test("whatever writers take over from one another, the store holds exactly what the holders of the fence wrote", async () => {
  const step = fc.oneof(
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("take" as const),
        who: fc.nat(2),
        key: fc.nat(2),
        expect: fc.constant(undefined),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("put" as const),
        who: fc.nat(2),
        key: fc.nat(2),
        expect: fc.option(fc.nat(3), { nil: undefined }),
      }),
    },
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const path = join(dir, `writers-${++run}.db`);
      const writers = [0, 1, 2].map(() => new SqliteStore(path));
      // Before anyone takes the fence nobody is fenced out.
      const holds = new Set([0, 1, 2]);
      const model = new Map<string, { version: number; value: number }>();
      for (const [at, { do: action, who, key, expect }] of steps.entries()) {
        const writer = writers[who] as SqliteStore;
        if (action === "take") {
          writer.takeFence(`writer ${who}`);
          holds.clear();
          holds.add(who);
          continue;
        }
        const before = model.get(`k${key}`)?.version ?? 0;
        const outcome = await writer.transact([put(`k${key}`, at, expect)]).then(
          () => "written",
          (error: Error) => error.name,
        );
        const allowed = holds.has(who)
          ? expect === undefined || expect === before
            ? "written"
            : "ConditionFailed"
          : "FenceLost";
        assert.equal(outcome, allowed);
        if (outcome === "written") model.set(`k${key}`, { version: before + 1, value: at });
      }
      const stored = await (writers[0] as SqliteStore).query<number>("p", { limit: 10 });
      assert.deepEqual(
        new Map(stored.map(({ sk, version, value }) => [sk, { version, value }])),
        new Map([...model].sort()),
      );
      for (const writer of writers) writer.close();
    }),
    { numRuns: 25 },
  );
});

test("a writer killed at any instant has lost nothing that it had acknowledged, and left nothing half-done", async () => {
  const file = new URL("./writer.ts", import.meta.url).pathname;
  for (const afterAcks of [1, 40, 150]) {
    const path = join(dir, `killed-${afterAcks}.db`);
    const child = spawn(process.execPath, [file, path, "writer"], { stdio: ["ignore", "pipe", "inherit"] });
    let acked = -1;
    await new Promise<void>((resolve) => {
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        const lines = text.split("\n");
        text = lines.pop() as string;
        if (lines.length > 0) acked = Number(lines.at(-1));
        if (acked >= afterAcks) child.kill("SIGKILL");
      });
      child.on("close", () => resolve());
    });
    const store = storeAt(path);
    const facts = await store.query<{ n: bigint }>("fact", { limit: 10_000 });
    assert.ok(facts.length > acked, `acknowledged up to ${acked}, found ${facts.length}`);
    assert.deepEqual(
      facts.map((fact) => fact.value.n),
      facts.map((_, at) => BigInt(at)),
      "a gapless prefix",
    );
    assert.equal((await store.get<{ n: number }>("last", "fact"))?.value.n, facts.length - 1);
    assert.equal(
      (await store.counts()).waiting,
      facts.length,
      "each fact has its work, and no work is without its fact",
    );
  }
});

test("a store of another version is refused with a sentence and left as it was", () => {
  const path = join(dir, "newer.db");
  storeAt(path);
  const raw = new DatabaseSync(path);
  raw.exec("PRAGMA user_version = 99");
  assert.throws(
    () => new SqliteStore(path),
    (error: unknown) => code("store.schema")(error) && /schema 99/.test((error as Error).message),
  );
  assert.deepEqual({ ...raw.prepare("PRAGMA user_version").get() }, { user_version: 99 });
  raw.close();
});

test("a store that was closed opens again with everything in it", async () => {
  const path = join(dir, "again.db");
  const first = new SqliteStore(path);
  first.takeFence("one");
  await first.transact([put("a", 1), row("work")]);
  first.close();
  const second = storeAt(path);
  takeLease(second);
  assert.equal((await second.get("p", "a"))?.value, 1);
  assert.equal((await second.claim(0))?.dedupeId, "work");
});

test("a living engine keeps its store; a dead one is followed at once; force takes it from anyone", async () => {
  const path = join(dir, "lease.db");
  const living = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"], { stdio: "ignore" });
  const holder = storeAt(path);
  holder.takeFence(`pid:${living.pid}`);
  const follower = storeAt(path);
  assert.throws(
    () => takeLease(follower),
    (error: unknown) =>
      code("lease.held")(error) && (error as Error).message.includes(`process ${living.pid}`),
  );
  await holder.transact([put("a", 1)]);
  takeLease(follower, { force: true });
  await assert.rejects(holder.transact([put("a", 2)]), FenceLost);

  holder.takeFence(`pid:${living.pid}`);
  const gone = new Promise((resolve) => living.on("exit", resolve));
  living.kill("SIGKILL");
  await gone;
  takeLease(follower);
  await follower.transact([put("a", 3)]);
  assert.equal(follower.holder(), `pid:${process.pid}`);
});
