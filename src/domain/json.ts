/**
 * JSON with bigint. `{"$n":"-12"}` stands for -12n; a plain object with only that key cannot occur otherwise.
 * Values are walked before and after the engine's own parser: its callbacks for every key cost several times as much.
 */
export function encodeJson(value: unknown): string {
  return JSON.stringify(withoutBigints(value));
}

export function decodeJson<T = unknown>(text: string): T {
  const value = JSON.parse(text) as unknown;
  return (text.includes('"$n"') ? withBigints(value) : value) as T;
}

function withoutBigints(value: unknown): unknown {
  if (typeof value === "bigint") return { $n: value.toString() };
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutBigints);
  if ("toJSON" in value) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutBigints(inner)]));
}

/** In place: what the parser made belongs to nobody else yet. */
function withBigints(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { $n: digits } = value as { $n?: unknown };
  const keys = Object.keys(value);
  if (typeof digits === "string" && keys.length === 1) return BigInt(digits);
  const parent = value as Record<string, unknown>;
  for (const key of keys) {
    const inner = parent[key];
    if (typeof inner !== "object" || inner === null) continue;
    const revived = withBigints(inner);
    if (revived !== inner) parent[key] = revived;
  }
  return value;
}
