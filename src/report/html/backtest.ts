/** A backtest as one page. */
import type { Trade } from "../../backtest/account.ts";
import type { BacktestResult } from "../../backtest/result.ts";
import { DAY_MS } from "../../domain/candle.ts";
import type { Interval } from "../../validation/index.ts";
import { duration, money, number, share, time } from "./format.ts";
import {
  type Cell,
  type Chart,
  type ChartAssets,
  chartFrame,
  escaped,
  note,
  page,
  section,
  table,
} from "./page.ts";

/** Rows of the trade list; the JSON has all of them. */
const MAX_ROWS = 500;
const ROLLING_DAYS = 90;
const MIN_ROLLING_DAYS = 30;
const DAYS_PER_YEAR = 365;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** Returns of a month that are shaded one step darker each. */
const SHADES = [0.001, 0.02, 0.05, 0.1];

export function backtestPage(result: BacktestResult, assets: ChartAssets): string {
  const { strategy, data, summary: s } = result;
  const charts = chartsOf(result);
  const title = `Backtest: ${strategy.name}${strategy.params.map((p) => ` ${p.name} ${p.value}`).join(",")}`;
  const lead = `${data.file}, ${time(data.firstOpenTimeMs)} to ${time(data.lastCloseTimeMs)} UTC, ${data.rows.toLocaleString("en")} candles of ${duration(data.stepMs)}${data.missing > 0 ? `, ${data.missing} missing` : ""}`;
  const at = (id: string) => charts.filter((chart) => chart.id === id).map(chartFrame);
  return page(
    title,
    lead,
    [
      tiles([
        ["Net return", share(s.netReturn)],
        ["Buy and hold", share(s.buyAndHoldReturn)],
        ["Sharpe (daily, a year)", number(s.daily?.sharpe)],
        ["Deepest drawdown", share(s.maxDrawdown)],
        ["Trades", s.trades.toLocaleString("en")],
        ["Costs, USD", money(s.feesUsd + s.slippageUsd + s.fundingUsd)],
      ]),
      section("Equity", ...at("equity"), ...at("drawdown")),
      section("Returns by month", monthly(result)),
      section("Exposure", ...at("leverage")),
      section("Rolling Sharpe", ...at("rolling"), note(`Of ${ROLLING_DAYS} days, annualised.`)),
      section("Statistics", statistics(result)),
      section("Costs", costs(result)),
      section("Trades", ...trades(result.trades, s.trades)),
      section("What this is of", provenance(result)),
    ],
    charts,
    assets,
  );
}

const tiles = (of: [string, string][]): string =>
  `<div class="tiles">${of.map(([label, value]) => `<div class="tile"><b>${escaped(value)}</b><span>${escaped(label)}</span></div>`).join("")}</div>`;

function chartsOf({ equity, daily, strategy }: BacktestResult): Chart[] {
  let peak = 0;
  const drawdown = equity.equityUsd.map((value) => {
    peak = Math.max(peak, value);
    return peak > 0 ? value / peak - 1 : 0;
  });
  const { timeMs } = equity;
  return [
    {
      id: "equity",
      title: "Equity, USD",
      unit: "money",
      timeMs,
      lines: [{ label: strategy.name, values: equity.equityUsd }],
    },
    {
      id: "drawdown",
      title: "Below the highest equity so far",
      unit: "share",
      timeMs,
      lines: [{ label: "drawdown", values: drawdown }],
      area: true,
    },
    {
      id: "leverage",
      title: "Position / equity",
      unit: "number",
      timeMs,
      lines: [{ label: "leverage", values: equity.leverage }],
      area: true,
    },
    {
      id: "rolling",
      title: "Sharpe ratio",
      unit: "number",
      timeMs: daily.timeMs,
      lines: [{ label: "Sharpe", values: rollingSharpe(daily.equityUsd) }],
    },
  ];
}

function rollingSharpe(equityUsd: readonly number[]): (number | null)[] {
  const returns = equityUsd.map((value, i) =>
    i === 0 || equityUsd[i - 1]! <= 0 ? 0 : value / equityUsd[i - 1]! - 1,
  );
  return returns.map((_, i) => {
    const window = returns.slice(Math.max(1, i + 1 - ROLLING_DAYS), i + 1);
    if (window.length < MIN_ROLLING_DAYS) return null;
    const mean = window.reduce((sum, r) => sum + r, 0) / window.length;
    const variance = window.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (window.length - 1);
    return variance > 0 ? (mean / Math.sqrt(variance)) * Math.sqrt(DAYS_PER_YEAR) : null;
  });
}

/** The last equity of each month against that of the month before. */
function monthly({ daily, summary }: BacktestResult): string {
  const years = new Map<number, (number | undefined)[]>();
  let before = summary.startEquityUsd;
  let base = before;
  let current = "";
  daily.timeMs.forEach((ms, i) => {
    // The day that ends at midnight is the one before.
    const date = new Date(ms - 1);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
    if (`${year}-${month}` !== current) {
      current = `${year}-${month}`;
      base = before;
    }
    const row = years.get(year) ?? [];
    row[month] = base > 0 ? daily.equityUsd[i]! / base - 1 : 0;
    years.set(year, row);
    before = daily.equityUsd[i]!;
  });
  const cell = (r: number | undefined): Cell =>
    r === undefined
      ? ""
      : { text: share(r), shade: Math.sign(r) * SHADES.filter((step) => Math.abs(r) >= step).length };
  const rows = [...years].map(([year, row]): Cell[] => [
    String(year),
    ...MONTHS.map((_, m) => cell(row[m])),
    cell(row.reduce<number>((product, r) => product * (1 + (r ?? 0)), 1) - 1),
  ]);
  return table(["", ...MONTHS, "Year"], rows);
}

function statistics({ summary: s }: BacktestResult): string {
  const i = s.intervals;
  const between = (interval: Interval | undefined, write: (x: number) => string): string =>
    interval ? `${write(interval.low)} … ${write(interval.high)}` : "";
  const rows: [string, string, string][] = [
    ["Net return", share(s.netReturn), between(i?.netReturn, share)],
    ["Annual return", share(s.daily?.annualReturn), between(i?.annualReturn, share)],
    ["Annual volatility", share(s.daily?.annualVolatility), between(i?.annualVolatility, share)],
    ["Sharpe ratio", number(s.daily?.sharpe), between(i?.sharpe, number)],
    ["Sortino ratio", number(s.daily?.sortino), between(i?.sortino, number)],
    ["Calmar ratio", number(s.daily?.calmar), ""],
    ["Deepest drawdown, daily", share(s.daily?.maxDrawdown), between(i?.maxDrawdown, share)],
    ["Deepest drawdown, every close", share(-s.maxDrawdown), ""],
    ["Longest time below a peak", s.daily ? `${s.daily.longestDrawdownPeriods} d` : "–", ""],
    ["Skew, kurtosis", `${number(s.daily?.skew)}, ${number(s.daily?.kurtosis)}`, ""],
    ["Probability that the Sharpe ratio is above 0", share(s.probabilisticSharpe), ""],
    [
      "Days needed to prove it at 95 %",
      s.minTrackRecordDays === null ? "never" : number(s.minTrackRecordDays, 0),
      "",
    ],
    ["Hit rate", share(s.hitRate), ""],
    ["Profit factor", number(s.profitFactor), ""],
    ["Mean profit of a trade, USD", money(s.expectancyUsd), ""],
    ["Mean holding time", duration(s.averageHoldingMs), ""],
    ["Longest run of losses", String(s.longestLosingStreak), ""],
    ["Time with a position", share(s.exposure), ""],
    ["Turnover a year, times equity", number(s.annualTurnover, 1), ""],
  ];
  return (
    table(["", "Value", i ? `${100 * i.confidence} % interval` : ""], rows) +
    note(
      i
        ? `Intervals: stationary bootstrap of daily returns, ${i.resamples} resamples, mean block ${number(i.blockLengthDays, 1)} days. One trial: if this one was chosen among many, the probability above is too high.`
        : "Too few days, or no deviation: no intervals.",
    )
  );
}

function costs({ summary: s }: BacktestResult): string {
  const rows = (
    [
      ["Fees", s.feesUsd],
      ["Funding", s.fundingUsd],
      ["Spread and impact (in the prices)", s.slippageUsd],
    ] as const
  ).map(([name, usd]) => [name, money(usd), share(usd / s.startEquityUsd), share(usd / s.turnoverUsd)]);
  return table(["", "USD", "of the start", "of the turnover"], rows);
}

function trades(list: readonly Trade[], count: number): string[] {
  const rows = list
    .slice(0, MAX_ROWS)
    .map((t): Cell[] => [
      time(t.entryTimeMs),
      time(t.exitTimeMs),
      t.side,
      t.exitReason,
      number(t.qty, 6),
      number(t.entryPrice),
      number(t.exitPrice),
      money(t.feesUsd),
      money(t.fundingUsd),
      { text: money(t.pnlUsd), tone: t.pnlUsd < 0 ? "loss" : "gain" },
    ]);
  const head = [
    "Entry, UTC",
    "Exit, UTC",
    "Side",
    "Why left",
    "Quantity",
    "Entry",
    "Exit",
    "Fees",
    "Funding",
    "Profit, USD",
  ];
  const shown =
    rows.length < count ? [note(`The first ${rows.length} of ${count}; the JSON has them all.`)] : [];
  return [table(head, rows, 4), ...shown];
}

function provenance({ data, funding, terms, hashes }: BacktestResult): string {
  const rows = [
    ["Candles", data.file],
    ["SHA-256 of the candles", data.sha256],
    ["Funding", funding ? `${funding.file}, ${funding.rows} rates` : "none: not charged"],
    ...(funding ? [["SHA-256 of the funding", funding.sha256]] : []),
    ["Terms", JSON.stringify(terms)],
    ["Hash of data, strategy and terms", hashes.spec],
    ["Days", number((data.lastCloseTimeMs - data.firstOpenTimeMs) / DAY_MS, 1)],
  ];
  return `<div class="wide"><table>${rows.map(([name, value]) => `<tr><td>${escaped(name)}</td><td class="hash">${escaped(value)}</td></tr>`).join("")}</table></div>`;
}
