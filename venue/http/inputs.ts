// The keys of requests. Objects are strict: a key nobody knows is an error, as on the exchange.

import { z } from "zod";
import { Refusal } from "../engine/records.ts";

const digits = z.string().regex(/^\d{1,19}$/);

export const symbol = z.string().min(1).max(40);
/** Integers arrive as text in a query and as numbers in a body. */
export const whole = z
  .union([digits.transform(Number), z.number().int().nonnegative()])
  .refine(Number.isSafeInteger);
export const id = z.union([digits, z.number().int()]).transform((value) => BigInt(value));
/** Decimals are text; ccxt sends a few as numbers. */
export const decimal = z.union([z.string().max(40), z.number().transform(String)]);
export const clientId = z.string().regex(/^[A-Za-z0-9._:/\\-]{1,36}$/);
export const workingType = z.enum(["CONTRACT_PRICE", "MARK_PRICE"]);

export const nothing = z.strictObject({});
export const optionalSymbol = z.strictObject({ symbol: symbol.optional() });
export const oneSymbol = z.strictObject({ symbol });

const CODE_BY_KEY: Record<string, number> = { timeInForce: -1115, type: -1116, side: -1117 };

/** The refusal that a failed check means. */
export function refusalOf(error: z.ZodError, given: Record<string, unknown>): Refusal {
  const issue = error.issues[0]!;
  if (issue.code === "unrecognized_keys") {
    return new Refusal(-1142, `PARAM_ERROR: unknown parameter ${issue.keys.join(", ").slice(0, 80)}`);
  }
  const key = String(issue.path[0] ?? "");
  if (!(key in given)) return new Refusal(-1141, `PARAM_EMPTY: ${key} cannot be empty`);
  if (key === "newClientOrderId" || key === "clientAlgoId") {
    return new Refusal(-1180, `CLIENT_OID_LENGTH_ERROR: ${key} must be 1 to 36 of A-Za-z0-9._:/-`);
  }
  return new Refusal(CODE_BY_KEY[key] ?? -1142, `PARAM_ERROR: parameter ${key} is invalid`);
}
