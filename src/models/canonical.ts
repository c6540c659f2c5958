import { DomainError } from "../errors/errors.ts";

const MAX_DEPTH = 16;

/**
 * JSON with keys sorted by code unit and no white space: equal values give equal bytes. Numbers print as
 * ECMAScript's shortest round-trip form. `undefined`, NaN, infinities, functions and bigints are refused.
 * @throws DomainError `json.notCanonical`
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) throw new DomainError("json.notCanonical", "value is nested too deeply");
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(",")}]`;
  if (typeof value !== "object")
    throw new DomainError("json.notCanonical", `${typeof value} has no canonical JSON`);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item, depth + 1)}`).join(",")}}`;
}
