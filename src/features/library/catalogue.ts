/** All indicators, and how a column's name says which one, with which parameters: `name_params[_output]`. */
import { DomainError } from "../../errors/errors.ts";
import { AVERAGES } from "./averages.ts";
import { CHANNELS } from "./channels.ts";
import { FLOW } from "./flow.ts";
import type { Definition, Family } from "./indicator.ts";
import { MOMENTUM } from "./momentum.ts";
import { PRICES } from "./prices.ts";
import { TREND } from "./trend.ts";
import { VOLATILITIES } from "./volatility.ts";
import { VOLUME } from "./volume.ts";

export const FAMILIES: readonly Family[] = [
  PRICES,
  AVERAGES,
  TREND,
  CHANNELS,
  MOMENTUM,
  VOLATILITIES,
  VOLUME,
  FLOW,
];

const BY_NAME: ReadonlyMap<string, Definition> = new Map(
  FAMILIES.flatMap((family) => family.definitions.map((definition) => [definition.name, definition])),
);

/** Most columns in one run. */
export const MAX_COLUMNS = 1_000;

/** One indicator with its parameters. */
export type Chosen = { definition: Definition; params: readonly number[]; key: string };
/** One output of it. */
export type Column = { name: string; chosen: Chosen; output: number; warmUpBars: number };

const joined = (parts: readonly (string | number)[]): string => parts.filter((part) => part !== "").join("_");
/** How a column of this indicator is written. */
export const signature = ({ name, params, outputs }: Definition): string => {
  const out = Object.keys(outputs).filter((output) => output !== "");
  return (
    joined([name, ...params.map((param) => param.name.toUpperCase())]) +
    (out.length > 0 ? `[_${out.join("|_")}]` : "")
  );
};

const refuse = (why: string): never => {
  throw new DomainError("features.badColumn", why);
};

/**
 * The columns of one name: `bbands_20_2_upper`, or all outputs for `bbands_20_2`. Parameters that are left out at the
 * end take their usual values (`bbands_upper`), and the columns say which.
 * @throws DomainError `features.badColumn` or `features.badParameter`, in one sentence.
 */
export function columnsOf(name: string): Column[] {
  const [head = "", ...rest] = name.split("_");
  const definition = BY_NAME.get(head);
  if (!definition)
    return refuse(`there is no indicator "${head}" (in "${name}"); saksi features --list shows all`);
  const { params, outputs } = definition;
  const last = rest.at(-1);
  const wanted = last !== undefined && /^[a-z]/.test(last) ? rest.pop() : undefined;
  if (wanted !== undefined && !(wanted in outputs))
    refuse(`"${name}": ${head} has no output "${wanted}"; write ${signature(definition)}`);
  if (rest.length > params.length)
    refuse(`"${name}": ${head} takes ${params.length} parameters; write ${signature(definition)}`);
  const values = params.map((param, at) => {
    const text = rest[at];
    if (text === undefined) return param.usual;
    const value = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
    if (
      !(value >= param.low && value <= param.high && value > 0) ||
      (param.whole && !Number.isInteger(value))
    )
      refuse(
        `"${name}": ${param.name} is a ${param.whole ? "whole " : ""}number from ${param.low} to ${param.high}, not "${text}"`,
      );
    return value;
  });
  const key = joined([head, ...values]);
  const chosen: Chosen = { definition, params: values, key };
  const warmUp = definition.warmUp(...values);
  const columns = Object.keys(outputs).map((output, at) => ({
    name: joined([key, output]),
    chosen,
    output: at,
    warmUpBars: typeof warmUp === "number" ? warmUp : warmUp[at]!,
  }));
  definition.make(...values);
  return wanted === undefined ? columns : columns.filter((column) => column.name === joined([key, wanted]));
}

/** @returns the columns of several names, in order. @throws like {@link columnsOf}, and for a column named twice. */
export function select(names: readonly string[]): Column[] {
  const columns = names.flatMap(columnsOf);
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name)) refuse(`column ${name} is named twice`);
    seen.add(name);
  }
  if (columns.length > MAX_COLUMNS) refuse(`${columns.length} columns; at most ${MAX_COLUMNS} at once`);
  return columns;
}

const fromCandles = (definition: Definition): boolean => !definition.needs;

/** Named sets of indicators with their usual parameters: one for each family, and `all` that candles alone give. */
export const SETS: ReadonlyMap<string, readonly string[]> = new Map([
  ...FAMILIES.map(({ name, definitions }) => [name, definitions.map((one) => one.name)] as const),
  ["all", FAMILIES.flatMap(({ definitions }) => definitions.filter(fromCandles).map((one) => one.name))],
]);
