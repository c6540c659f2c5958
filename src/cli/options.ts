/** What a person may type after `saksi up`. Everything wrong is said in one sentence. */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { sourceOf } from "../adapters/sentiment/index.ts";
import { TRANSPORTS, type Transport } from "../domain/attestation.ts";
import { UsageError } from "../errors/errors.ts";
import { MODE_HELP, MODE_OPTIONS, type ModeOptions, readMode } from "./mode-options.ts";

export type UpOptions = ModeOptions & {
  predictions: number | undefined;
  seed: number;
  data: string[];
  store: string | undefined;
  report: string | undefined;
  port: number;
  oracle: Transport;
  market: string;
  model: string;
  /** An absolute file or a URL. */
  fearGreed: string | undefined;
  headlines: string | undefined;
  quiet: boolean;
};

const MAX_PREDICTIONS = 100_000;
const DEFAULT_PORT = 8420;
const DEFAULT_SEED = "1";

export const UP_HELP = `saksi up: start everything and trade.

  --predictions N     stop when N published predictions are terminal in the contract
  --seed N            seed of the simulated world (default ${DEFAULT_SEED})
  --data FILE         replay recorded candles (CSV, also gzip); may be repeated as SYMBOL=FILE
  --store DIR         where the run is kept (default: a new folder under .saksi)
  --report FILE.json  write the report of the run
  --oracle NAME       sealed (default: the quorum, direction hidden until settlement), quorum (open), functions or gelato
  --market NAME       default weex:BTCUSDT
  --model NAME        a model in models/ (default lstm-small)
  --fear-greed FROM   fear & greed: a CSV file (dayMs,value), alternative.me, or the address of such a service
  --headlines FILE    headline scores: a CSV file (publishedAtMs,score)
${MODE_HELP}  --port N            port of the HTTP API on 127.0.0.1 (default ${DEFAULT_PORT}, 0 = any)
  --quiet             only the summary
`;

function integer(name: string, text: string, low: number, high: number): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) < low || Number(text) > high)
    throw new UsageError(
      "option.number",
      `--${name} takes a whole number from ${low} to ${high}, not "${text}"`,
    );
  return Number(text);
}

export function parseUp(args: string[]): UpOptions | "help" {
  let values: Record<string, unknown>;
  try {
    ({ values } = parseArgs({
      args,
      strict: true,
      options: {
        predictions: { type: "string" },
        seed: { type: "string" },
        data: { type: "string", multiple: true, default: [] },
        store: { type: "string" },
        report: { type: "string" },
        port: { type: "string", default: String(DEFAULT_PORT) },
        oracle: { type: "string", default: TRANSPORTS[0] },
        market: { type: "string", default: "weex:BTCUSDT" },
        model: { type: "string", default: "lstm-small" },
        "fear-greed": { type: "string" },
        headlines: { type: "string" },
        quiet: { type: "boolean", default: false },
        ...MODE_OPTIONS,
        help: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    throw new UsageError(
      "option.unknown",
      `${(error as Error).message.split(".")[0]}; saksi up --help lists the options`,
    );
  }
  if (values["help"]) return "help";
  const text = (name: string): string | undefined => values[name] as string | undefined;
  const source = (name: "fear-greed" | "headlines"): string | undefined =>
    text(name) === undefined ? undefined : sourceOf(name, text(name) as string);
  for (const name of ["store", "report", "model"])
    if (text(name) === "") throw new UsageError("option.empty", `--${name} is given without a value`);
  const oracle = TRANSPORTS.find((name) => name === text("oracle"));
  if (!oracle)
    throw new UsageError(
      "option.oracle",
      `--oracle is sealed, quorum, functions or gelato, not "${text("oracle")}"`,
    );
  const data = values["data"] as string[];
  for (const entry of data) {
    const file = entry.slice(entry.indexOf("=") + 1);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile())
      throw new UsageError("option.data", `--data: there is no file ${file}`);
  }
  const market = text("market") as string;
  if (!/^weex:[A-Z0-9]{2,16}USDT$/.test(market))
    throw new UsageError("option.market", `--market "${market}" is not a market; write it like weex:BTCUSDT`);
  return {
    ...readMode(values, market),
    predictions:
      text("predictions") === undefined
        ? undefined
        : integer("predictions", text("predictions") as string, 1, MAX_PREDICTIONS),
    seed: integer("seed", text("seed") ?? DEFAULT_SEED, 0, 4_294_967_295),
    data: data.map((entry) =>
      entry.includes("=")
        ? entry.replace(/=(.*)$/, (_all, file: string) => `=${resolve(file)}`)
        : resolve(entry),
    ),
    store: text("store") === undefined ? undefined : resolve(text("store") as string),
    report: text("report") === undefined ? undefined : resolve(text("report") as string),
    port: integer("port", text("port") as string, 0, 65_535),
    oracle,
    market,
    model: text("model") as string,
    fearGreed: source("fear-greed"),
    headlines: source("headlines"),
    quiet: values["quiet"] as boolean,
  };
}
