/** Recorded candles: `openTimeMs,open,high,low,close,volume`, ascending, each time once; gaps are left as they are. */
import { numberIn, rowsOf, timeIn, wrong } from "./rows.ts";

export const CANDLE_HEADER = ["openTimeMs", "open", "high", "low", "close", "volume"] as const;

export type CandleRow = {
  openTimeMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
};

/** Candles, some thousands at a time. @throws UsageError naming file, line and field of what cannot be. */
export async function* candlesOf(file: string): AsyncGenerator<CandleRow[]> {
  let before = Number.NEGATIVE_INFINITY;
  let any = false;
  for await (const rows of rowsOf(file, CANDLE_HEADER)) {
    const candles = rows.map(({ line, cells }) => {
      const candle = candleIn(file, line, cells);
      const { openTimeMs } = candle;
      if (openTimeMs === before) wrong(file, line, "openTimeMs", `${openTimeMs} is there twice`);
      if (openTimeMs < before)
        wrong(file, line, "openTimeMs", `${openTimeMs} is earlier than the line before it`);
      before = openTimeMs;
      return candle;
    });
    any ||= candles.length > 0;
    yield candles;
  }
  if (!any) wrong(file, 2, "row", "there is no candle in this file");
}

function candleIn(file: string, line: number, cells: string[]): CandleRow {
  const openTimeMs = timeIn(file, line, "openTimeMs", cells[0]!);
  const [open, high, low, close, volume] = CANDLE_HEADER.slice(1).map((field, at) =>
    numberIn(file, line, field, cells[at + 1]!),
  ) as [number, number, number, number, number];
  if (!(open > 0)) wrong(file, line, "open", `a price is above 0, not ${open}`);
  if (!(high > 0)) wrong(file, line, "high", `a price is above 0, not ${high}`);
  if (!(low > 0)) wrong(file, line, "low", `a price is above 0, not ${low}`);
  if (!(close > 0)) wrong(file, line, "close", `a price is above 0, not ${close}`);
  if (volume < 0) wrong(file, line, "volume", `is negative: ${volume}`);
  if (high < low) wrong(file, line, "high", `${high} is below low, ${low}`);
  if (high < open || high < close) wrong(file, line, "high", `${high} is below open or close`);
  if (low > open || low > close) wrong(file, line, "low", `${low} is above open or close`);
  return { openTimeMs, open, high, low, close, volume };
}
