/**
 * Probability of backtest overfitting by combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado,
 * Zhu 2015): how often the configuration that was best in one half of history is no better than the median in the other.
 */
import { allFinite, meanOf, refuse, wholeNumber } from "../stats/index.ts";
import { combinations } from "./combinatorial.ts";

export type Overfitting = {
  /** Share of combinations with a logit ≤ 0. */
  pbo: number;
  meanLogit: number;
  /** Share of combinations in which the in-sample best lost money out of sample. */
  lossProbability: number;
  /** Least-squares slope of the chosen configuration's out-of-sample Sharpe ratio on its in-sample one. */
  degradationSlope: number;
  /** One for each combination of in-sample blocks, in lexicographic order. */
  logits: Float64Array;
  /** The configuration with the best in-sample Sharpe ratio; of equals the first. */
  bestInSample: Uint32Array;
  /** Oldest periods left out because the history does not divide into equal blocks. */
  droppedPeriods: number;
};

const MAX_CSCV_BLOCKS = 16;

/**
 * @param returns [periods][configurations], per-period returns of every configuration ever tried, time ascending.
 * @param blocks S, even: history is cut into S blocks, and every half of them is in-sample once. Performance is the
 * Sharpe ratio per period (mean / sample deviation); a configuration without spread has ratio 0.
 */
export function overfitting(returns: readonly ArrayLike<number>[], blocks: number): Overfitting {
  wholeNumber("the number of blocks", blocks, 2, MAX_CSCV_BLOCKS);
  if (blocks % 2 !== 0) refuse(`the number of blocks must be even, got ${blocks}`);
  const configurations = returns[0]?.length ?? 0;
  const size = Math.floor(returns.length / blocks);
  if (configurations < 2) refuse(`overfitting needs at least 2 configurations, got ${configurations}`);
  if (size < 2) refuse(`${returns.length} periods are too few for ${blocks} blocks of at least 2`);
  const droppedPeriods = returns.length - size * blocks;
  const sums = blockSums(returns.slice(droppedPeriods), blocks, configurations);
  const inSampleSets = combinations(blocks, blocks / 2);
  const count = inSampleSets.length;
  const logits = new Float64Array(count);
  const bestInSample = new Uint32Array(count);
  const [chosenInside, chosenOutside] = [new Float64Array(count), new Float64Array(count)];
  const judge = (c: number, inside: Float64Array, outside: Float64Array): void => {
    const best = inside.reduce((at, value, i) => (value > inside[at]! ? i : at), 0);
    let rank = 1;
    for (const value of outside) if (value < outside[best]!) rank += 1;
    const share = rank / (configurations + 1);
    logits[c] = Math.log(share / (1 - share));
    bestInSample[c] = best;
    chosenInside[c] = inside[best]!;
    chosenOutside[c] = outside[best]!;
  };
  const [half, rest] = [new Float64Array(configurations), new Float64Array(configurations)];
  // In lexicographic order the complement of a half stands as far from the end as the half from the start.
  for (let c = 0; c < count / 2; c++) {
    sharpeRatios(sums, inSampleSets[c]!, half);
    sharpeRatios(sums, inSampleSets[count - 1 - c]!, rest);
    judge(c, half, rest);
    judge(count - 1 - c, rest, half);
  }
  return {
    pbo: logits.filter((logit) => logit <= 0).length / count,
    meanLogit: meanOf(logits),
    lossProbability: chosenOutside.filter((ratio) => ratio < 0).length / count,
    degradationSlope: slopeOf(chosenInside, chosenOutside),
    logits,
    bestInSample,
    droppedPeriods,
  };
}

/** Sums by block and configuration of (return − the configuration's mean): centred, so that squares do not cancel and a constant return leaves none. */
type BlockSums = { size: number; means: Float64Array; sum: Float64Array[]; square: Float64Array[] };

function blockSums(rows: readonly ArrayLike<number>[], blocks: number, configurations: number): BlockSums {
  const means = new Float64Array(configurations);
  rows.forEach((row, i) => {
    if (row.length !== configurations)
      refuse(`period ${i} has ${row.length} configurations, the first has ${configurations}`);
    allFinite(`period ${i}`, row);
    for (let c = 0; c < configurations; c++) means[c]! += row[c]! / rows.length;
  });
  const size = rows.length / blocks;
  const empty = (): Float64Array[] => Array.from({ length: blocks }, () => new Float64Array(configurations));
  const [sum, square] = [empty(), empty()];
  rows.forEach((row, i) => {
    const block = Math.floor(i / size);
    for (let c = 0; c < configurations; c++) {
      const centred = row[c]! - means[c]!;
      sum[block]![c]! += centred;
      square[block]![c]! += centred * centred;
    }
  });
  return { size, means, sum, square };
}

function sharpeRatios(
  { size, means, sum, square }: BlockSums,
  blocks: readonly number[],
  out: Float64Array,
): void {
  const n = size * blocks.length;
  const squares = new Float64Array(out.length);
  out.fill(0);
  // Block by block, so that memory is read in its order.
  for (const block of blocks) {
    const [sums, more] = [sum[block]!, square[block]!];
    for (let c = 0; c < out.length; c++) {
      out[c]! += sums[c]!;
      squares[c]! += more[c]!;
    }
  }
  for (let c = 0; c < out.length; c++) {
    const total = out[c]!;
    const variance = (squares[c]! - (total * total) / n) / (n - 1);
    out[c] = variance > 0 ? (means[c]! + total / n) / Math.sqrt(variance) : 0;
  }
}

function slopeOf(x: Float64Array, y: Float64Array): number {
  const [mx, my] = [meanOf(x), meanOf(y)];
  let [xx, xy] = [0, 0];
  x.forEach((value, i) => {
    xx += (value - mx) ** 2;
    xy += (value - mx) * (y[i]! - my);
  });
  return xx > 0 ? xy / xx : 0;
}
