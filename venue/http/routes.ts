// What a REST route is and what it gets. A route names its weight, who may call it and the exact keys it takes.

import type { z } from "zod";
import type { Faults } from "../admin/faults.ts";
import type { Account } from "../engine/account.ts";
import type { Exchange } from "../engine/exchange.ts";
import type { Market } from "../engine/market.ts";
import { Refusal } from "../engine/records.ts";
import type { ContractSpec } from "../money/contract-spec.ts";
import { parseE8 } from "../money/e8.ts";
import type { Json } from "./json.ts";

export type Role = "trade" | "read";
export type Access = "public" | "read" | "trade";

export interface RequestContext {
  readonly exchange: Exchange;
  readonly faults: Faults;
  readonly userAgent: string;
  readonly account: Account | undefined;
  /** Time as shown to clients: virtual, with the skew of a fault. */
  readonly shownMs: number;
}

export interface Route {
  readonly weight: number;
  readonly access: Access;
  readonly input: z.ZodType;
  readonly handle: (context: RequestContext, input: never) => Json;
}

export type Routes = Record<string, Route>;

export function route<S extends z.ZodType>(
  weight: number,
  access: Access,
  input: S,
  handle: (context: RequestContext, input: z.infer<S>) => Json,
): Route {
  return { weight, access, input, handle };
}

export function marketOf(context: RequestContext, symbol: string): Market {
  const market = context.exchange.markets.get(symbol);
  if (market === undefined)
    throw new Refusal(-1121, `INVALID_SYMBOL: invalid symbol : ${symbol.slice(0, 30)}`);
  return market;
}

export function marketsOf(context: RequestContext, symbol: string | undefined): Market[] {
  return symbol === undefined ? [...context.exchange.markets.values()] : [marketOf(context, symbol)];
}

export function accountOf(context: RequestContext): Account {
  if (context.account === undefined) throw new Error("a private route ran without an account");
  return context.account;
}

export function ticksOf(spec: ContractSpec, text: string, name: string): number {
  return unitsOf(text, spec.tickE8, name);
}

export function lotsOf(spec: ContractSpec, text: string, name: string): number {
  return unitsOf(text, spec.lotE8, name);
}

const MAX_UNITS = 1_000_000_000_000n;

function unitsOf(text: string, unitE8: bigint, name: string): number {
  const valueE8 = parseE8(text);
  if (valueE8 === undefined) throw new Refusal(-1142, `PARAM_ERROR: ${name} is not a decimal`);
  if (valueE8 <= 0n) throw new Refusal(-1142, `PARAM_ERROR: ${name} must be above zero`);
  if (valueE8 % unitE8 !== 0n)
    throw new Refusal(-1160, `DECIMAL_PRECISION_ERROR: ${name} is not on the step`);
  if (valueE8 / unitE8 > MAX_UNITS) throw new Refusal(-1142, `PARAM_ERROR: ${name} is too large`);
  return Number(valueE8 / unitE8);
}
