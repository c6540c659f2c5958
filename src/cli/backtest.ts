/** `saksi backtest`: a plain strategy over a file of candles. */

import { chartAssets } from "../adapters/files/chart-assets.ts";
import { writeWhole } from "../adapters/files/write-whole.ts";
import { type CandleSource, MAX_PART_ROWS, openCandles, readFunding } from "../adapters/series/source.ts";
import { NO_FUNDING } from "../backtest/candles.ts";
import { Backtest } from "../backtest/engine.ts";
import { Recorder } from "../backtest/record.ts";
import { type BacktestResult, specHash } from "../backtest/result.ts";
import { RuleTrader } from "../backtest/rule-trader.ts";
import { STRATEGIES, type Strategy } from "../backtest/strategies.ts";
import { summarise } from "../backtest/summary.ts";
import { type Terms, termsFrom } from "../backtest/terms.ts";
import { UsageError } from "../errors/errors.ts";
import { backtestPage } from "../report/html/backtest.ts";
import { money, number, share, time } from "../report/html/format.ts";
import { numberOf, readArgs } from "./args.ts";

/** Options of a number → the term it sets. */
const TERM_OPTIONS = {
  capital: "capitalUsd",
  "fee-bps": "takerFeeBps",
  "maker-fee-bps": "makerFeeBps",
  "slippage-bps": "slippageBps",
  "impact-bps": "impactBps",
  participation: "maxParticipation",
  "latency-ms": "latencyMs",
  leverage: "maxLeverage",
  "maintenance-bps": "maintenanceMarginBps",
  lot: "lot",
  "min-qty": "minQty",
  "min-notional": "minNotionalUsd",
} as const satisfies Record<string, keyof Terms>;
const MAX_TERM = 1e12;
const DEFAULT_SAMPLE_MS = 3_600_000;
const DEFAULT_SEED = 1;

const strategyHelp = [...STRATEGIES.values()]
  .map(({ name, meaning, params }) => {
    const options = params.map((p) => ` --${p.name} ${p.usual}`).join("");
    return `  ${`${name}${options}`.padEnd(42)}${meaning}`;
  })
  .join("\n");

export const BACKTEST_HELP = `saksi backtest --data FILE --strategy NAME [options]

A decision is made at the close of a candle and fills at the next open. docs/backtest.md says every rule and figure.

  --data FILE          candles: CSV, CSV.gz or a file of saksi data import
  --funding FILE       settled funding: CSV or CSV.gz; without it none is charged
  --strategy NAME      one of those below, with its parameters
  --short              short where the strategy does not want to be long (default: out of the market)
  --json OUT           everything as JSON: figures, every trade, the equity
  --report OUT.html    the same to look at, in one file
  --sample-ms N        distance of the points of the equity series (default ${DEFAULT_SAMPLE_MS}, 0: every candle)
  --capital USD        default 10000        --leverage X          largest position / equity, default 1
  --fee-bps X          taker fee, default 0 --maker-fee-bps X     of resting orders
  --slippage-bps X     half the spread      --impact-bps X        of an order as large as the candle's volume
  --participation X    largest share of a candle's volume         --latency-ms N        from close to arrival
  --maintenance-bps X  default 50           --lot, --min-qty, --min-notional    the venue's rules

Strategies:
${strategyHelp}
`;

type Options = {
  data: string;
  funding: string | undefined;
  strategy: Strategy;
  params: number[];
  isShortAllowed: boolean;
  terms: Terms;
  sampleMs: number;
  json: string | undefined;
  report: string | undefined;
};

/** @returns the exit code. */
export async function backtest(args: string[]): Promise<number> {
  const options = parseBacktest(args);
  if (options === "help") {
    process.stdout.write(BACKTEST_HELP);
    return 0;
  }
  const result = await run(options);
  if (options.json) writeWhole(options.json, `${JSON.stringify(result)}\n`);
  if (options.report) writeWhole(options.report, backtestPage(result, chartAssets()));
  process.stdout.write(lines(result, options));
  return 0;
}

export function parseBacktest(args: string[]): Options | "help" {
  const text = { type: "string" } as const;
  const own = Object.fromEntries(
    [...STRATEGIES.values()].flatMap(({ params }) => params.map((p) => [p.name, text])),
  );
  const { values, positionals } = readArgs("backtest", args, {
    ...own,
    ...Object.fromEntries(Object.keys(TERM_OPTIONS).map((name) => [name, text])),
    data: text,
    funding: text,
    strategy: text,
    json: text,
    report: text,
    "sample-ms": text,
    short: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  });
  if (values["help"]) return "help";
  const given = values as unknown as Record<string, string | undefined>;
  if (positionals.length > 0)
    throw new UsageError(
      "backtest.surplus",
      `"${positionals[0]}" is no option; files are named with --data and --funding`,
    );
  if (!given["data"]) throw new UsageError("backtest.data", "--data FILE is missing: candles to test on");
  const strategy = STRATEGIES.get(given["strategy"] ?? "");
  if (!strategy)
    throw new UsageError(
      "backtest.strategy",
      `--strategy is one of ${[...STRATEGIES.keys()].join(", ")}, not "${given["strategy"] ?? ""}"`,
    );
  const foreign = Object.keys(own).find(
    (name) => given[name] !== undefined && !strategy.params.some((p) => p.name === name),
  );
  if (foreign) throw new UsageError("backtest.foreign", `${strategy.name} has no --${foreign}`);
  const terms = Object.fromEntries(
    Object.entries(TERM_OPTIONS).flatMap(([name, term]) =>
      given[name] === undefined ? [] : [[term, numberOf(name, given[name], 0, MAX_TERM)]],
    ),
  );
  const params = strategy.params.map((p) => {
    const value = given[p.name] === undefined ? p.usual : numberOf(p.name, given[p.name]!, p.low, p.high);
    if (p.whole && !Number.isInteger(value))
      throw new UsageError("option.number", `--${p.name} is a whole number, not "${given[p.name]}"`);
    return value;
  });
  return {
    data: given["data"],
    funding: given["funding"],
    strategy,
    params,
    isShortAllowed: Boolean(values["short"]),
    terms: termsFrom(terms),
    sampleMs:
      given["sample-ms"] === undefined
        ? DEFAULT_SAMPLE_MS
        : numberOf("sample-ms", given["sample-ms"], 0, 1e12),
    json: given["json"],
    report: given["report"],
  };
}

async function run(o: Options): Promise<BacktestResult> {
  const rule = o.strategy.make(o.params, o.isShortAllowed ? -1 : 0);
  const funding = o.funding ? await readFunding(o.funding) : undefined;
  const source = openCandles(o.data);
  const { test, record } = await pass(o, source, rule, funding ?? NO_FUNDING);
  record.onEnd(test.finish());
  const { rows, sha256, file, ...facts } = source.facts();
  const head = {
    format: "saksi-backtest-1",
    strategy: {
      name: o.strategy.name,
      params: o.strategy.params.map(({ name }, i) => ({ name, value: o.params[i]! })),
      isShortAllowed: o.isShortAllowed,
    },
    terms: o.terms,
    data: { file, sha256, rows, ...facts },
    ...(funding && { funding: { file: funding.file, sha256: funding.sha256, rows: funding.timeMs.length } }),
  } as const;
  return {
    ...head,
    summary: summarise(record, test.account, o.terms.capitalUsd, DEFAULT_SEED),
    trades: record.trades,
    equity: { sampleMs: o.sampleMs || facts.stepMs, ...record.sampled },
    daily: record.daily,
    hashes: { spec: specHash(head) },
  };
}

async function pass(
  o: Options,
  source: CandleSource,
  rule: ReturnType<Strategy["make"]>,
  funding: typeof NO_FUNDING,
) {
  let test: Backtest | undefined;
  let record: Recorder | undefined;
  const trader = new RuleTrader(o.strategy.name, rule, MAX_PART_ROWS);
  for await (const { candles, rows, stepMs } of source.parts()) {
    record ??= new Recorder(o.terms.capitalUsd, stepMs, o.sampleMs || stepMs);
    test ??= new Backtest(trader, o.terms, stepMs, record, funding);
    test.pass(candles, rows);
  }
  return { test: test!, record: record! };
}

function lines({ strategy, data, summary: s, hashes }: BacktestResult, { json, report }: Options): string {
  const named = strategy.params.map((p) => `${p.name} ${p.value}`).join(", ");
  const rows: [string, string][] = [
    [
      "strategy",
      `${strategy.name}${named ? ` (${named})` : ""}${strategy.isShortAllowed ? ", long and short" : ""}`,
    ],
    [
      "candles",
      `${data.rows} of ${data.file}, ${time(data.firstOpenTimeMs)} to ${time(data.lastCloseTimeMs)} UTC, ${data.missing} missing`,
    ],
    [
      "equity",
      `${money(s.startEquityUsd)} → ${money(s.endEquityUsd)} USD (${share(s.netReturn)}; buy and hold ${share(s.buyAndHoldReturn)})`,
    ],
    ["drawdown", share(s.maxDrawdown)],
    [
      "sharpe",
      s.daily ? `${number(s.daily.sharpe)} a year, of daily returns${interval(s)}` : "needs two days",
    ],
    [
      "trades",
      `${s.trades}, ${share(s.hitRate)} won, profit factor ${number(s.profitFactor)}, ${share(s.exposure)} of the time in the market`,
    ],
    [
      "costs",
      `fees ${money(s.feesUsd)}, funding ${money(s.fundingUsd)}, spread and impact ${money(s.slippageUsd)} USD`,
    ],
    ["hash", hashes.spec],
    ...[json, report].flatMap((file): [string, string][] => (file ? [["written", file]] : [])),
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(11)}${value}\n`).join("");
}

const interval = ({ intervals: i }: BacktestResult["summary"]): string =>
  i ? ` (${100 * i.confidence} %: ${number(i.sharpe.low)} to ${number(i.sharpe.high)})` : "";
