import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  ceilDiv,
  E8,
  floorDiv,
  formatDecimal,
  formatE8,
  parseDecimal,
  parseE8,
  quoteE8,
  quoteE8Up,
} from "../../src/domain/money.ts";
import { DomainError } from "../../src/errors/errors.ts";

const amount = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
const divisor = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }).filter((value) => value !== 0n);
const refused = (code: string) => (error: unknown) => error instanceof DomainError && error.code === code;

test("what is formatted parses back to the same amount, at any scale", () => {
  fc.assert(
    fc.property(amount, fc.integer({ min: 0, max: 18 }), (value, decimals) => {
      assert.equal(parseDecimal(formatDecimal(value, decimals), decimals), value);
    }),
  );
});

test("a plain decimal string formats back to itself without its idle zeros", () => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.bigInt({ min: 0n, max: 10n ** 15n }),
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 8 }),
      (negative, whole, digits) => {
        const text = `${negative ? "-" : ""}${whole}${digits.length ? `.${digits.join("")}` : ""}`;
        const plain = text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
        assert.equal(formatE8(parseE8(text)), plain === "-0" ? "0" : plain);
      },
    ),
  );
});

test("precision that the scale cannot hold is refused, wherever the digit stands", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 20 }), (decimals, zeros) => {
      const text = `1.${"0".repeat(decimals + zeros)}1`;
      assert.throws(() => parseDecimal(text, decimals, "fee"), refused("money.excessPrecision"));
    }),
  );
  assert.equal(parseDecimal("1.2300000000000", 2), 123n, "idle zeros are no precision");
});

test("anything but a plain decimal number is refused and the sentence quotes it", () => {
  for (const text of [
    "",
    ".",
    "1.",
    ".5",
    "+1",
    "1e8",
    "0x10",
    " 1",
    "1 ",
    "1,5",
    "NaN",
    "--1",
    "١",
    "1".repeat(61),
  ])
    assert.throws(() => parseE8(text, "price"), refused("money.notDecimal"), text);
  assert.throws(() => parseE8("1e8", "price"), /price "1e8" is not a plain decimal number/);
});

test("floor and ceiling division bracket the true quotient", () => {
  fc.assert(
    fc.property(amount, divisor, (numerator, denominator) => {
      const floor = floorDiv(numerator, denominator);
      const ceil = ceilDiv(numerator, denominator);
      const remainder = numerator - floor * denominator;
      assert.ok(
        remainder === 0n || remainder > 0n === denominator > 0n,
        "the remainder has the divisor's sign",
      );
      assert.ok((remainder < 0n ? -remainder : remainder) < (denominator < 0n ? -denominator : denominator));
      assert.equal(ceil - floor, remainder === 0n ? 0n : 1n);
      assert.equal(floorDiv(-numerator, -denominator), floor);
    }),
  );
});

test("who owes rounds up, who is owed rounds down, never more than one unit apart", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 10n ** 15n }),
      fc.bigInt({ min: 1n, max: 10n ** 15n }),
      (price, qty) => {
        const exact = price * qty;
        assert.ok(quoteE8(price, qty) * E8 <= exact && exact <= quoteE8Up(price, qty) * E8);
        assert.ok(quoteE8Up(price, qty) - quoteE8(price, qty) <= 1n);
      },
    ),
  );
});
