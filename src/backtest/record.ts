/** What a backtest leaves behind: its trades, and its equity thinned to one point for each `sampleMs` and each UTC day. */
import { DAY_MS } from "../domain/candle.ts";
import type { Trade } from "./account.ts";
import type { Candles } from "./candles.ts";
import type { Listener, Marks } from "./engine.ts";

/** Beyond it trades are counted, not kept. */
export const MAX_TRADES = 1_000_000;

/** The last close of each stretch of time. */
export type Series = {
  timeMs: number[];
  equityUsd: number[];
  /** Signed notional of the position / equity; 0 once nothing is left. */
  leverage: number[];
};

/** Keeps the last point of each stretch of `everyMs`, aligned to UTC. */
class Thinned {
  readonly series: Series = { timeMs: [], equityUsd: [], leverage: [] };
  readonly #everyMs: number;
  #stretch = Number.NaN;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** A close at exactly the end of a stretch belongs to that stretch. */
  add(timeMs: number, equityUsd: number, leverage: number): void {
    const { timeMs: times, equityUsd: values, leverage: shares } = this.series;
    const stretch = Math.ceil(timeMs / this.#everyMs);
    if (stretch === this.#stretch) {
      times[times.length - 1] = timeMs;
      values[values.length - 1] = equityUsd;
      shares[shares.length - 1] = leverage;
      return;
    }
    this.#stretch = stretch;
    times.push(timeMs);
    values.push(equityUsd);
    shares.push(leverage);
  }
}

export class Recorder implements Listener {
  readonly trades: Trade[] = [];
  bars = 0;
  firstOpenMs = Number.NaN;
  lastCloseMs = Number.NaN;
  firstPrice = Number.NaN;
  lastPrice = Number.NaN;
  /** Of the highest equity at a close so far, as a share; over all closes, not the thinned ones. */
  maxDrawdown = 0;
  tradesNotKept = 0;
  readonly #stepMs: number;
  readonly #sampled: Thinned;
  readonly #daily = new Thinned(DAY_MS);
  #peakUsd: number;
  #leverageSum = 0;
  #equitySum = 0;

  constructor(capitalUsd: number, stepMs: number, sampleMs: number) {
    this.#peakUsd = capitalUsd;
    this.#stepMs = stepMs;
    this.#sampled = new Thinned(sampleMs);
  }

  get sampled(): Series {
    return this.#sampled.series;
  }
  get daily(): Series {
    return this.#daily.series;
  }
  /** Mean of |notional| / equity over all closes. */
  get meanLeverage(): number {
    return this.#leverageSum / this.bars;
  }
  get meanEquityUsd(): number {
    return this.#equitySum / this.bars;
  }

  onTrade(trade: Trade): void {
    if (this.trades.length < MAX_TRADES) this.trades.push(trade);
    else this.tradesNotKept += 1;
  }

  onMarks(candles: Candles, { equityUsd, notionalUsd }: Marks, count: number): void {
    const { closeTimeMs, open, close } = candles;
    if (this.bars === 0) {
      this.firstOpenMs = closeTimeMs[0]! - this.#stepMs;
      this.firstPrice = open[0]!;
    }
    for (let i = 0; i < count; i++) {
      const equity = equityUsd[i]!;
      if (equity > this.#peakUsd) this.#peakUsd = equity;
      const drawdown = 1 - equity / this.#peakUsd;
      if (drawdown > this.maxDrawdown) this.maxDrawdown = drawdown;
      this.#equitySum += equity;
      const leverage = equity > 0 ? notionalUsd[i]! / equity : 0;
      this.#leverageSum += Math.abs(leverage);
      this.#sampled.add(closeTimeMs[i]!, equity, leverage);
      this.#daily.add(closeTimeMs[i]!, equity, leverage);
    }
    this.bars += count;
    this.lastCloseMs = closeTimeMs[count - 1]!;
    this.lastPrice = close[count - 1]!;
  }

  /** The last point after the position was left. */
  onEnd(cashUsd: number): void {
    if (this.bars === 0) return;
    this.#sampled.add(this.lastCloseMs, cashUsd, 0);
    this.#daily.add(this.lastCloseMs, cashUsd, 0);
    if (this.#peakUsd > 0) this.maxDrawdown = Math.max(this.maxDrawdown, 1 - cashUsd / this.#peakUsd);
  }
}
