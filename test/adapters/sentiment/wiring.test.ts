import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { sentimentOf, sourceOf } from "../../../src/adapters/sentiment/index.ts";
import { evidenceHash } from "../../../src/domain/evidence.ts";
import { UsageError } from "../../../src/errors/errors.ts";
import { DEFAULT_FEATURE_SPEC, featuresOf } from "../../../src/features/index.ts";
import { MarketWindow } from "../../../src/stations/features/window.ts";
import { bundleAt, MIDNIGHT, walk } from "../../features/market.ts";

const silent = { line: () => undefined };
const dir = mkdtempSync(join(tmpdir(), "saksi-sentiment-"));
after(() => rmSync(dir, { recursive: true }));

const fearGreed = join(dir, "index.csv");
const headlines = join(dir, "scores.csv");
writeFileSync(fearGreed, `dayMs,value\n${MIDNIGHT},25\n`);
writeFileSync(
  headlines,
  `publishedAtMs,score\n${MIDNIGHT + 60 * 60_000},0.4\n${MIDNIGHT + 75 * 60_000},-1\n`,
);

const CUTOFF_MS = MIDNIGHT + 75 * 60_000;
const window = new MarketWindow(DEFAULT_FEATURE_SPEC);
for (const candle of walk(9, window.firstOpenMs(CUTOFF_MS), DEFAULT_FEATURE_SPEC.windowCandles + 75))
  window.push(candle);

async function decided(sentiment: { fearGreed?: string; headlines?: string } | undefined) {
  const port = sentimentOf({ sentiment }, silent);
  const bundle = {
    ...bundleAt([], CUTOFF_MS),
    candles: window.candles,
    fearGreed: await port.fearGreed(CUTOFF_MS),
    headlines: await port.headlines(CUTOFF_MS),
  };
  const vector = featuresOf(window.spec, bundle, window.engine);
  const feature = (name: string): number => {
    const at = window.spec.statics.indexOf(name);
    assert.ok(at >= 0, `${name} is a feature of the default spec`);
    return Math.round((vector.statics[at] as number) * 1e6) / 1e6;
  };
  return {
    hash: evidenceHash(bundle, window.chain),
    features: ["fear_greed_present", "fear_greed", "headlines_present", "headlines"].map(feature),
  };
}

test("what the files say at the cut-off is in the evidence and in the features", async () => {
  const both = await decided({ fearGreed, headlines });
  assert.deepEqual(both.features, [1, -0.5, 1, 0.4]);
  const one = await decided({ fearGreed });
  assert.deepEqual(one.features, [1, -0.5, 0, 0]);
  const none = await decided(undefined);
  assert.deepEqual(none.features, [0, 0, 0, 0]);
  assert.equal(new Set([both.hash, one.hash, none.hash]).size, 3);
});

test("two processes with one description arrive at one hash", async () => {
  assert.deepEqual(await decided({ fearGreed, headlines }), await decided({ fearGreed, headlines }));
});

test("a source is a file, the public service by its name, or a safe address", () => {
  assert.equal(sourceOf("fear-greed", "index.csv"), resolve("index.csv"));
  assert.equal(sourceOf("headlines", "scores.csv"), resolve("scores.csv"));
  assert.match(sourceOf("fear-greed", "alternative.me"), /^https:\/\/api\.alternative\.me\/fng\//);
  for (const url of ["https://example.org/fng?limit=0", "http://127.0.0.1:8080/fng", "http://localhost/fng"])
    assert.equal(sourceOf("fear-greed", url), url);
});

test("an address that cannot be trusted with the run, or be read by it, is refused in one sentence", () => {
  const cases: [Parameters<typeof sourceOf>, RegExp][] = [
    [["fear-greed", ""], /--fear-greed is given without a value/],
    [["headlines", ""], /--headlines is given without a value/],
    [["fear-greed", "http://example.org/fng"], /an https address, or an http address of this machine/],
    [["fear-greed", "ftp://example.org/fng"], /takes a CSV file, alternative\.me, an https address/],
    [["fear-greed", "https://"], /takes a CSV file/],
    [["fear-greed", "https://me:secret@example.org/"], /without a user name and password/],
    [["headlines", "https://example.org/news"], /--headlines takes a CSV file, not an address/],
  ];
  for (const [args, expected] of cases)
    assert.throws(
      () => sourceOf(...args),
      (error: unknown) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, expected);
        assert.ok(!error.message.includes("secret"));
        return true;
      },
    );
});

test("a bad file is refused when the port is made, not when a value is needed", () => {
  const bad = join(dir, "bad.csv");
  writeFileSync(bad, "dayMs,value\n1,2\n");
  assert.throws(() => sentimentOf({ sentiment: { fearGreed: bad } }, silent), /bad\.csv, line 2, dayMs/);
});
