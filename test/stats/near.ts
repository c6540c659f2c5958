import assert from "node:assert/strict";

/** Equal but for rounding: within `tolerance`, absolute below 1 and relative above. */
export function near(actual: number, expected: number, tolerance = 1e-9, what = ""): void {
  const distance = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  assert.ok(
    actual === expected || distance <= tolerance,
    `${what} ${actual} is not ${expected} within ${tolerance}`,
  );
}
