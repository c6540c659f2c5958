import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { decodeJson, encodeJson } from "../../src/domain/json.ts";
import type { EpochRequestSchema } from "../../src/domain/schemas.ts";
import {
  PublishedPredictionSchema,
  parseInput,
  SignedStatementSchema,
  TickSchema,
} from "../../src/domain/schemas.ts";
import { UsageError } from "../../src/errors/errors.ts";
import type { AttesterPort, PublishedPrediction, SignedStatement } from "../../src/ports/attester.ts";
import { hash, published, statement } from "./published.ts";

/** Lists may be mutable on one side and read-only on the other; everything else must be the same. */
type Plain<T> = T extends readonly unknown[]
  ? { readonly [K in keyof T]: Plain<T[K]> }
  : T extends object
    ? { [K in keyof T]: Plain<T[K]> }
    : T;
type Same<A, B> = [Plain<A>, Plain<B>] extends [Plain<B>, Plain<A>] ? true : false;
const _published: Same<z.infer<typeof PublishedPredictionSchema>, PublishedPrediction> = true;
const _statement: Same<z.infer<typeof SignedStatementSchema>, SignedStatement> = true;
const _epoch: Same<z.infer<typeof EpochRequestSchema>, Parameters<AttesterPort["witnessEpoch"]>[0]> = true;
void [_published, _statement, _epoch];

const refuses = (change: (document: PublishedPrediction) => unknown, why: RegExp): void => {
  assert.throws(
    () => parseInput(PublishedPredictionSchema, change(published()), "published prediction"),
    (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, why);
      assert.ok(!error.message.includes("\n"));
      return true;
    },
  );
};
const withPrediction = (change: object) => (document: PublishedPrediction) => ({
  ...document,
  prediction: { ...document.prediction, ...change },
});
const withEvidence = (change: object) => (document: PublishedPrediction) => ({
  ...document,
  evidence: { ...document.evidence, ...change },
});

describe("a published prediction from outside", () => {
  it("passes unchanged through JSON and the schema", () =>
    assert.deepEqual(PublishedPredictionSchema.parse(decodeJson(encodeJson(published()))), published()));

  it("may have no book, no sentiment and negative equity", () =>
    assert.ok(
      PublishedPredictionSchema.safeParse(
        withEvidence({ book: null, fearGreed: null, equityE8: -1n })(published()),
      ).success,
    ));

  it("carries no unknown key at any depth", () => {
    refuses((d) => ({ ...d, extra: 1 }), /^published prediction: Unrecognized key: "extra"$/);
    refuses(withPrediction({ extra: 1 }), /prediction: Unrecognized key/);
    refuses(withEvidence({ candles: [] }), /evidence: Unrecognized key: "candles"/);
    refuses(
      withEvidence({ funding: [{ fundingTimeMs: 1, rateE12: 1n, x: 1 }] }),
      /evidence\.funding\.0: Unrecognized key/,
    );
  });

  it("lacks nothing", () => refuses(({ reveal: _, ...rest }) => rest, /^published prediction: reveal: /));

  it("has ids and signatures of the right length and case", () => {
    refuses((d) => ({ ...d, id: hash("A") }), /id: is not 0x and 64 lower-case hexadecimal digits/);
    refuses((d) => ({ ...d, signature: "0x" }), /signature: is not a signature of 65 bytes/);
    refuses(withPrediction({ seal: "0x12" }), /prediction\.seal: /);
  });

  it("has integers that fit the contract's widths", () => {
    refuses(withPrediction({ sequence: 0n }), /prediction\.sequence: /);
    refuses(withPrediction({ sequence: 1n << 64n }), /prediction\.sequence: /);
    refuses(withPrediction({ maxLossUsdE6: -1n }), /prediction\.maxLossUsdE6: /);
    refuses(withPrediction({ maxLeverageBps: 1n << 32n }), /prediction\.maxLeverageBps: /);
    refuses(withPrediction({ referencePriceE8: 6e12 }), /prediction\.referencePriceE8: .*expected bigint/);
    refuses((d) => ({ ...d, output: { probUpPpm: 0.5, sigmaPpm: 1 } }), /output\.probUpPpm: /);
  });

  it("has lists of bounded length", () => {
    const level = [1n, 1n] as const;
    refuses(
      withEvidence({ book: { updateId: "1", observedAtMs: 1, bids: Array(16).fill(level), asks: [] } }),
      /evidence\.book\.bids: /,
    );
    refuses(
      withEvidence({ openInterest: Array(14).fill({ observedAtMs: 1, amountE8: 1n }) }),
      /evidence\.openInterest: /,
    );
  });
});

describe("a statement from an attester", () => {
  it("passes unchanged", () => assert.deepEqual(SignedStatementSchema.parse(statement()), statement()));
  it("has a payload of whole words", () => {
    for (const payload of ["0x", "0x00", `0x${"00".repeat(33)}`, `0x${"00".repeat(32 * 17)}`])
      assert.ok(!SignedStatementSchema.safeParse({ ...statement(), payload }).success, payload.slice(0, 10));
  });
  it("has a note of bounded length", () =>
    assert.ok(!SignedStatementSchema.safeParse({ ...statement(), note: "x".repeat(2_001) }).success));
});

describe("a tick", () => {
  it("is one whole number", () => {
    assert.deepEqual(TickSchema.parse({ nowMs: 5 }), { nowMs: 5 });
    for (const body of [undefined, {}, { nowMs: 1.5 }, { nowMs: "5" }, { nowMs: 5, x: 1 }])
      assert.ok(!TickSchema.safeParse(body).success);
  });
});

describe("a choice of shapes", () => {
  it("is judged by the one that was missed by least", () => {
    const choice = z.union([z.strictObject({ a: z.int(), b: z.int() }), z.strictObject({ c: z.int() })]);
    assert.throws(
      () => parseInput(choice, { c: "x" }, "choice"),
      /^UsageError: choice: c: Invalid input: expected number, received string$/,
    );
  });
});
