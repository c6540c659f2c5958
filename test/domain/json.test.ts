import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeJson, encodeJson } from "../../src/domain/json.ts";

const leaf = fc.oneof(
  fc.bigInt(),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
);
/** `$n` alone is how an integer is written, so no record of ours has a field of that name. */
const key = fc.string().filter((name) => name !== "$n");
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(tie("any")),
    fc.dictionary(key, tie("any"), { noNullPrototype: true }),
  ),
})).any;

test("whatever is written is read back with its integers, and nothing that was handed in is changed", () => {
  fc.assert(
    fc.property(value, (given) => {
      const before = structuredClone(given);
      assert.deepEqual(decodeJson(encodeJson(given)), given);
      assert.deepEqual(given, before);
    }),
    { numRuns: 2_000 },
  );
});

test("an integer beyond a double's reach keeps every digit, at any depth", () => {
  const big = 123_456_789_012_345_678_901_234_567_890n;
  assert.equal(encodeJson({ a: [{ b: big }] }), '{"a":[{"b":{"$n":"123456789012345678901234567890"}}]}');
  assert.deepEqual(decodeJson('{"a":[{"b":{"$n":"-12"}}],"$n":"text beside others"}'), {
    a: [{ b: -12n }],
    $n: "text beside others",
  });
});
