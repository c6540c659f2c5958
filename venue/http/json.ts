// JSON with exact integers: a bigint is written with all its digits, which JSON.stringify would refuse.

export type Json = string | number | boolean | null | bigint | Json[] | { [key: string]: Json | undefined };

export function toJson(value: Json): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object") return String(value);
  if (value === null) return "null";
  if (Array.isArray(value)) return `[${value.map(toJson).join(",")}]`;
  const parts: string[] = [];
  for (const key in value) {
    const field = value[key];
    if (field !== undefined) parts.push(`"${key}":${toJson(field)}`);
  }
  return `{${parts.join(",")}}`;
}
