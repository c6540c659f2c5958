/**
 * The engine that everyone runs. At every UTC midnight all state restarts from exactly `windowCandles` closed
 * candles, so what it says at a cut-off depends on nothing older, and starting cold from those candles gives the
 * same bits as having run for weeks.
 */
import { type Candle, candleFault, DAY_MS } from "../domain/candle.ts";
import { SIGMA_QUANTUM_PPM } from "../domain/output.ts";
import { DomainError } from "../errors/errors.ts";
import { Indicators } from "./indicators.ts";
import { CANDLE_FEATURES, CANDLE_INDEX, type FeatureDefinition, settleValue } from "./registry.ts";
import type { FeatureSpec } from "./spec.ts";

const FIELDS = 5;
const E8 = 1e8;
const PPM = 1e6;
const MAX_SIGMA_PPM = 1_000_000;

export class AnchoredFeatures {
  readonly spec: FeatureSpec;
  /** Close time of the last pushed candle; 0 before the first. */
  cutoffMs = 0;
  private readonly indicators = new Indicators();
  private readonly columns: readonly { definition: FeatureDefinition; index: number }[];
  /** The last windowCandles candles: open, high, low, close, volume of each. */
  private readonly window: Float64Array;
  /** The last sequenceLength rows. */
  private readonly rows: Float32Array;
  private pushed = 0;
  private sinceReset = 0;
  private anchored = false;

  constructor(spec: FeatureSpec) {
    this.spec = spec;
    this.columns = spec.sequence.map((name) => {
      const index = CANDLE_INDEX.get(name)!;
      return { index, definition: CANDLE_FEATURES[index]! };
    });
    this.window = new Float64Array(spec.windowCandles * FIELDS);
    this.rows = new Float32Array(spec.sequenceLength * this.columns.length);
  }

  /** Whether a midnight with a full window behind it has been passed. */
  get ready(): boolean {
    return this.anchored;
  }

  /**
   * One more closed candle. Takes microseconds, and a replay of the window at midnight.
   * @throws DomainError `features.badCandle`, or `features.gap` when it is not the next one; nothing has changed then.
   */
  push(candle: Candle): void {
    const fault = candleFault(candle, this.spec.stepMs);
    if (fault) throw new DomainError("features.badCandle", `candle ${candle.openTimeMs}: ${fault}`);
    if (this.pushed > 0 && candle.openTimeMs !== this.cutoffMs)
      throw new DomainError("features.gap", `expected candle ${this.cutoffMs}, got ${candle.openTimeMs}`);
    this.cutoffMs = candle.openTimeMs + this.spec.stepMs;
    const slot = (this.pushed % this.spec.windowCandles) * FIELDS;
    this.window[slot] = Number(candle.openE8) / E8;
    this.window[slot + 1] = Number(candle.highE8) / E8;
    this.window[slot + 2] = Number(candle.lowE8) / E8;
    this.window[slot + 3] = Number(candle.closeE8) / E8;
    this.window[slot + 4] = Number(candle.volumeE8) / E8;
    this.pushed += 1;
    this.feed(slot, this.cutoffMs);
    if (this.cutoffMs % DAY_MS === 0) this.restart();
  }

  /**
   * The last rows, oldest first: [sequenceLength × columns], a fresh array.
   * @throws DomainError `features.notReady`
   */
  sequence(): Float32Array {
    this.mustBeReady();
    const out = new Float32Array(this.rows.length);
    const oldest = (this.sinceReset % this.spec.sequenceLength) * this.columns.length;
    out.set(this.rows.subarray(oldest), 0);
    out.set(this.rows.subarray(0, oldest), this.rows.length - oldest);
    return out;
  }

  /**
   * Deviation of the return over the horizon: EWMA (span 60 candles) of squared returns, scaled by √time.
   * In millionths, a positive multiple of SIGMA_QUANTUM_PPM, at most 1e6.
   * @throws DomainError `features.notReady`
   */
  sigmaPpm(): number {
    this.mustBeReady();
    const sigma = this.indicators.deviation * Math.sqrt(this.spec.horizonMs / this.spec.stepMs) * PPM;
    const quanta = Math.max(1, Math.round(sigma / SIGMA_QUANTUM_PPM));
    return Math.min(quanta * SIGMA_QUANTUM_PPM, MAX_SIGMA_PPM);
  }

  private mustBeReady(): void {
    if (this.anchored) return;
    const { windowCandles } = this.spec;
    throw new DomainError(
      "features.notReady",
      `no UTC midnight with ${windowCandles} candles before it has been passed`,
    );
  }

  /** At midnight: state from exactly the window, or not ready when the window is not full. */
  private restart(): void {
    const { windowCandles, stepMs } = this.spec;
    this.anchored = this.pushed >= windowCandles;
    if (!this.anchored || this.sinceReset === windowCandles) return;
    this.indicators.reset();
    this.sinceReset = 0;
    const oldest = this.pushed % windowCandles;
    for (let i = 0; i < windowCandles; i++) {
      const slot = ((oldest + i) % windowCandles) * FIELDS;
      this.feed(slot, this.cutoffMs - (windowCandles - 1 - i) * stepMs);
    }
  }

  private feed(slot: number, closeTimeMs: number): void {
    const { window, indicators } = this;
    indicators.push(
      closeTimeMs,
      window[slot]!,
      window[slot + 1]!,
      window[slot + 2]!,
      window[slot + 3]!,
      window[slot + 4]!,
    );
    const row = (this.sinceReset % this.spec.sequenceLength) * this.columns.length;
    for (let i = 0; i < this.columns.length; i++) {
      const { definition, index } = this.columns[i]!;
      this.rows[row + i] = settleValue(definition, indicators.raw[index]!);
    }
    this.sinceReset += 1;
  }
}
