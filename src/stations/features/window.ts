/** The candles a decision looks at, kept warm: folded hash chain and incremental features, both restarting at UTC midnight. */
import { type Candle, utcMidnight } from "../../domain/candle.ts";
import { emptyCandleChain, foldCandle } from "../../domain/evidence.ts";
import { AnchoredFeatures, type FeatureSpec } from "../../features/index.ts";

export class MarketWindow {
  readonly #spec: FeatureSpec;
  #engine: AnchoredFeatures;
  /** Candles from anchor − W on; trimmed when the anchor moves. */
  #candles: Candle[] = [];
  #chain = emptyCandleChain;
  #anchorMs = 0;

  constructor(spec: FeatureSpec) {
    this.#spec = spec;
    this.#engine = new AnchoredFeatures(spec);
  }

  get spec(): FeatureSpec {
    return this.#spec;
  }
  get engine(): AnchoredFeatures {
    return this.#engine;
  }
  get candles(): readonly Candle[] {
    return this.#candles;
  }
  get chain(): string {
    return this.#chain;
  }
  get cutoffMs(): number {
    const last = this.#candles.at(-1);
    return last ? last.openTimeMs + this.#spec.stepMs : 0;
  }

  /** First candle a decision at cutoffMs needs. */
  firstOpenMs(cutoffMs: number): number {
    return utcMidnight(cutoffMs) - this.#spec.windowCandles * this.#spec.stepMs;
  }

  /** Candles must be pushed in order, without gaps, starting at {@link firstOpenMs} of some cut-off. */
  push(candle: Candle): void {
    this.#engine.push(candle);
    this.#candles.push(candle);
    const anchorMs = utcMidnight(candle.openTimeMs + this.#spec.stepMs);
    if (anchorMs === this.#anchorMs) {
      this.#chain = foldCandle(this.#chain, candle);
      return;
    }
    this.#anchorMs = anchorMs;
    const fromMs = anchorMs - this.#spec.windowCandles * this.#spec.stepMs;
    this.#candles = this.#candles.filter((kept) => kept.openTimeMs >= fromMs);
    this.#chain = this.#candles.reduce(foldCandle, emptyCandleChain);
  }

  /** Forgets everything; the next pushes rebuild it. */
  reset(): void {
    this.#engine = new AnchoredFeatures(this.#spec);
    this.#candles = [];
    this.#chain = emptyCandleChain;
    this.#anchorMs = 0;
  }
}
