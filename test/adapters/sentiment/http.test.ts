import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, beforeEach, test } from "node:test";
import { httpFearGreed } from "../../../src/adapters/sentiment/http.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const T0 = Date.UTC(2024, 0, 1);

let answer: (response: ServerResponse) => void;
let asked = 0;
const server = createServer((_request, response) => {
  asked++;
  answer(response);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = 0;
});

const says = (text: string, status = 200): void => {
  answer = (response) => response.writeHead(status).end(text);
};
const day = (timeMs: number, value: number | string) => ({
  value: String(value),
  value_classification: "Fear",
  timestamp: String(timeMs / 1_000),
});
/** As the public service answers: newest first, with the time to the next one. */
const index = (...days: ReturnType<typeof day>[]): string =>
  JSON.stringify({
    name: "Fear and Greed Index",
    data: days.map((entry, at) => (at === 0 ? { ...entry, time_until_update: "68499" } : entry)),
    metadata: { error: null },
  });

function source(timeoutMs = 2_000) {
  const lines: string[] = [];
  let wallMs = 0;
  const at = httpFearGreed({
    url: `http://127.0.0.1:${port}/fng/?limit=10`,
    notify: { line: ({ text, level }) => void lines.push(`${level}: ${text}`) },
    timeoutMs,
    wallNowMs: () => wallMs,
  });
  const pass = (ms: number): void => {
    wallMs += ms;
  };
  return { at, lines, pass };
}

test("the newest day known at the cut-off is served with its own time; later days wait for theirs", async () => {
  says(index(day(T0 + DAY_MS, 60), day(T0, 40)));
  const { at, lines } = source();
  const sample = { source: `http:127.0.0.1:${port}`, publishedAtMs: T0, valuePpm: 400_000 };
  assert.deepEqual(await at(T0 + 12 * HOUR_MS), sample);
  assert.deepEqual(await at(T0 + DAY_MS + 9 * MINUTE_MS), sample);
  assert.equal((await at(T0 + DAY_MS + 10 * MINUTE_MS))?.valuePpm, 600_000);
  assert.equal(await at(T0), null);
  assert.deepEqual(lines, [`warn: fear & greed is absent: 127.0.0.1:${port} has none for this time`]);
});

test("a value is asked for once, until the next one is due", async () => {
  says(index(day(T0, 40)));
  const { at, pass } = source();
  for (let atMs = T0 + HOUR_MS; atMs < T0 + DAY_MS; atMs += HOUR_MS) {
    await at(atMs);
    pass(HOUR_MS);
  }
  assert.equal(asked, 1);
  says(index(day(T0 + DAY_MS, 60), day(T0, 40)));
  assert.equal((await at(T0 + DAY_MS + HOUR_MS))?.valuePpm, 600_000);
  assert.equal(asked, 2);
});

test("a service that is late serves its last day while that is young enough, and is asked once a minute", async () => {
  says(index(day(T0, 40)));
  const { at, pass } = source();
  await at(T0 + HOUR_MS);
  for (let atMs = T0 + 26 * HOUR_MS; atMs <= T0 + 48 * HOUR_MS; atMs += HOUR_MS) {
    pass(30_000);
    assert.equal((await at(atMs))?.publishedAtMs, T0);
  }
  assert.equal(asked, 12);
  assert.equal(await at(T0 + 48 * HOUR_MS + 1), null);
});

test("a failure where a newer value is due is absence, said once, and ends when the service answers", async () => {
  says(index(day(T0, 40)));
  const { at, lines, pass } = source();
  await at(T0 + HOUR_MS);
  says("sorry", 503);
  for (let minute = 0; minute < 5; minute++) {
    pass(MINUTE_MS);
    assert.equal(await at(T0 + 25 * HOUR_MS + minute * MINUTE_MS), null);
  }
  pass(MINUTE_MS);
  says(index(day(T0 + DAY_MS, 60)));
  assert.equal((await at(T0 + 26 * HOUR_MS))?.valuePpm, 600_000);
  assert.deepEqual(lines, [
    `warn: fear & greed is absent: 127.0.0.1:${port} answered 503`,
    "info: fear & greed is back",
  ]);
});

test("an answer that is not whole and well formed is absence, with the reason", async () => {
  const cases: [string, RegExp][] = [
    ["<html>", /not JSON/],
    ["{}", /unreadably \(data\)/],
    [index(), /unreadably \(data\)/],
    [index(day(T0, 40), day(T0 - DAY_MS, 101)), /unreadably \(data\.1\.value\)/],
    [index(day(T0, "forty")), /unreadably \(data\.0\.value\)/],
    [index({ ...day(T0, 40), timestamp: "01-01-2024" }), /unreadably \(data\.0\.timestamp\)/],
    [`${index(day(T0, 40)).slice(0, -1)},"more":"${"x".repeat(1_000_000)}"}`, /more than 1000000 bytes/],
  ];
  for (const [text, expected] of cases) {
    says(text);
    const { at, lines } = source();
    assert.equal(await at(T0 + HOUR_MS), null);
    assert.match(lines[0] ?? "", expected);
  }
});

test("a service that is silent, or sends elsewhere, is given up", async () => {
  answer = () => undefined;
  const silent = source(50);
  assert.equal(await silent.at(T0 + HOUR_MS), null);
  assert.match(silent.lines[0] ?? "", /did not answer/);

  answer = (response) => response.writeHead(200).write("{");
  const stuck = source(50);
  assert.equal(await stuck.at(T0 + HOUR_MS), null);
  assert.match(stuck.lines[0] ?? "", /did not answer/);

  answer = (response) => response.writeHead(302, { location: "/other" }).end();
  const moved = source();
  assert.equal(await moved.at(T0 + HOUR_MS), null);
  assert.equal(asked, 3);
});
