/** JSON with bigint. `{"$n":"-12"}` stands for -12n; a plain object with only that key cannot occur otherwise. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    typeof inner === "bigint" ? { $n: inner.toString() } : inner,
  );
}

export function decodeJson<T = unknown>(text: string): T {
  return JSON.parse(text, (_key, inner) => {
    if (inner && typeof inner === "object" && typeof inner.$n === "string" && Object.keys(inner).length === 1)
      return BigInt(inner.$n);
    return inner;
  }) as T;
}
