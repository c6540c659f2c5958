/**
 * Order book, trade flow, funding, open interest, basis and sentiment, from side inputs beside the candles. A value is
 * empty where one of its inputs is absent; nothing is invented.
 */
import { BOOK_LEVELS } from "../../domain/evidence.ts";
import { BOOK_ROW, imbalanceOf, microOf, midOf, SIDE_ROW, slopeOf, spreadOf } from "../order-book.ts";
import { Previous } from "./candles.ts";
import { bars, type Definition, type Family } from "./indicator.ts";
import { Lag, WindowMoments, WindowSum } from "./windows.ts";

const BPS = 10_000;

const imbalance: Definition = {
  name: "imbalance",
  meaning: "(bid − ask quantity) / both, of the best n levels at the close",
  source: "Cao, Hansch, Wang 2009",
  params: [{ name: "n", usual: 5, low: 1, high: BOOK_LEVELS, whole: true }],
  outputs: { "": "share" },
  needs: ["book"],
  warmUp: () => 1,
  make:
    (n) =>
    ({ book }, out, from, to) => {
      const imbalance = out[0]!;
      for (let i = from; i < to; i++) imbalance[i] = imbalanceOf(book, i * BOOK_ROW, n);
    },
};

const spread: Definition = {
  name: "spread",
  meaning: "(best ask − best bid) / mid at the close",
  source: "quoted spread",
  params: [],
  outputs: { "": "bps" },
  needs: ["book"],
  warmUp: () => 1,
  make:
    () =>
    ({ book }, out, from, to) => {
      const spread = out[0]!;
      for (let i = from; i < to; i++) spread[i] = spreadOf(book, i * BOOK_ROW) * BPS;
    },
};

const micro: Definition = {
  name: "micro",
  meaning: "(microprice − mid) / mid at the close, the microprice weighted by the opposite quantity",
  source: "Gatheral, Oomen 2010",
  params: [],
  outputs: { "": "bps" },
  needs: ["book"],
  warmUp: () => 1,
  make:
    () =>
    ({ book }, out, from, to) => {
      const micro = out[0]!;
      for (let i = from; i < to; i++) micro[i] = microOf(book, i * BOOK_ROW) * BPS;
    },
};

const depthslope: Definition = {
  name: "depthslope",
  meaning:
    "growth of the cumulative share of quantity over relative distance from mid; 1 = even, more at the touch",
  source: "after Naes, Skjeltorp 2006",
  params: [],
  outputs: { bid: "ratio", ask: "ratio" },
  needs: ["book"],
  warmUp: () => 1,
  make:
    () =>
    ({ book }, out, from, to) => {
      const bid = out[0]!;
      const ask = out[1]!;
      for (let i = from; i < to; i++) {
        const mid = midOf(book, i * BOOK_ROW);
        bid[i] = slopeOf(book, i * BOOK_ROW, mid);
        ask[i] = slopeOf(book, i * BOOK_ROW + SIDE_ROW, mid);
      }
    },
};

const ofi: Definition = {
  name: "ofi",
  meaning:
    "order-flow imbalance: what was added to the best bid and taken from the best ask, less the opposite, over n bars",
  source: "Cont, Kukanov, Stoikov 2014",
  params: [bars("n", 1)],
  outputs: { "": "volume" },
  needs: ["bookFlow"],
  warmUp: (n) => n,
  make: (n) => {
    const sum = new WindowSum(n);
    return ({ bookFlow }, out, from, to) => {
      const ofi = out[0]!;
      for (let i = from; i < to; i++) ofi[i] = sum.push(bookFlow[i]!);
    };
  },
};

const tradesign: Definition = {
  name: "tradesign",
  meaning: "(bought − sold) / both by takers over n bars; 0 when nothing was traded",
  source: "trade-sign imbalance",
  params: [bars("n", 5)],
  outputs: { "": "share" },
  needs: ["buyVolume", "sellVolume"],
  warmUp: (n) => n,
  make: (n) => {
    const net = new WindowSum(n);
    const all = new WindowSum(n);
    return ({ buyVolume, sellVolume }, out, from, to) => {
      const tradesign = out[0]!;
      for (let i = from; i < to; i++) {
        const signed = net.push(buyVolume[i]! - sellVolume[i]!);
        const whole = all.push(buyVolume[i]! + sellVolume[i]!);
        tradesign[i] = whole === 0 ? 0 : signed / whole;
      }
    };
  },
};

const kyle: Definition = {
  name: "kyle",
  meaning:
    "Kyle's lambda: slope of the change of the close on takers' net volume over n bars; 0 when that does not vary",
  source: "Kyle 1985",
  params: [bars("n", 30, 2)],
  outputs: { "": "price move per volume" },
  needs: ["buyVolume", "sellVolume"],
  warmUp: (n) => n + 1,
  make: (n) => {
    const before = new Previous();
    const changes = new WindowSum(n);
    const flows = new WindowSum(n);
    const products = new WindowSum(n);
    const squares = new WindowSum(n);
    return ({ close, buyVolume, sellVolume }, out, from, to) => {
      const kyle = out[0]!;
      for (let i = from; i < to; i++) {
        const change = close[i]! - before.push(close[i]!);
        const flow = buyVolume[i]! - sellVolume[i]!;
        const meanFlow = flows.push(flow) / n;
        const square = squares.push(flow * flow);
        const spread = square - n * meanFlow * meanFlow;
        const together = products.push(change * flow) - changes.push(change) * meanFlow;
        kyle[i] = spread <= 1e-12 * square ? 0 : together / spread;
      }
    };
  },
};

const funding: Definition = {
  name: "funding",
  meaning: "mean over n bars of the funding rate last settled at each close",
  source: "perpetual swaps",
  params: [bars("n", 1)],
  outputs: { "": "bps" },
  needs: ["fundingRate"],
  warmUp: (n) => n,
  make: (n) => {
    const sum = new WindowSum(n);
    return ({ fundingRate }, out, from, to) => {
      const funding = out[0]!;
      for (let i = from; i < to; i++) funding[i] = (sum.push(fundingRate[i]!) / n) * BPS;
    };
  },
};

const oichange: Definition = {
  name: "oichange",
  meaning: "ln(open interest / open interest n bars ago)",
  source: "log ratio",
  params: [bars("n", 5)],
  outputs: { "": "log return" },
  needs: ["openInterest"],
  warmUp: (n) => n + 1,
  make: (n) => {
    const lag = new Lag(n);
    return ({ openInterest }, out, from, to) => {
      const oichange = out[0]!;
      for (let i = from; i < to; i++) oichange[i] = Math.log(openInterest[i]! / lag.push(openInterest[i]!));
    };
  },
};

const basis: Definition = {
  name: "basis",
  meaning:
    "(close − reference) / reference, and how far that is from its mean over n, in population deviations",
  source: "cash and carry",
  params: [bars("n", 60, 2)],
  outputs: { "": "bps", z: "standard deviations" },
  needs: ["referencePrice"],
  warmUp: (n) => [1, n],
  make: (n) => {
    const moments = new WindowMoments(n);
    return ({ close, referencePrice }, out, from, to) => {
      const basis = out[0]!;
      const z = out[1]!;
      for (let i = from; i < to; i++) {
        const value = ((close[i]! - referencePrice[i]!) / referencePrice[i]!) * BPS;
        moments.push(value);
        const deviation = Math.sqrt(moments.variance);
        basis[i] = value;
        z[i] = deviation <= 1e-9 ? 0 : (value - moments.mean) / deviation;
      }
    };
  },
};

const feargreed: Definition = {
  name: "feargreed",
  meaning: "fear & greed as known at the close, −1 extreme fear … 1 extreme greed",
  source: "alternative.me",
  params: [],
  outputs: { "": "share" },
  needs: ["fearGreed"],
  warmUp: () => 1,
  make:
    () =>
    ({ fearGreed }, out, from, to) => {
      const feargreed = out[0]!;
      for (let i = from; i < to; i++) feargreed[i] = fearGreed[i]! / 50 - 1;
    },
};

const headlines: Definition = {
  name: "headlines",
  meaning:
    "mean score of the headlines that became known within n bars, and how many they are; no mean without one",
  source: "scored by others, −1 … 1",
  params: [bars("n", 360)],
  outputs: { "": "share", count: "ratio" },
  needs: ["headlineSum", "headlineCount"],
  warmUp: (n) => n,
  make: (n) => {
    const sum = new WindowSum(n);
    const items = new WindowSum(n);
    return ({ headlineSum, headlineCount }, out, from, to) => {
      const mean = out[0]!;
      const count = out[1]!;
      for (let i = from; i < to; i++) {
        const all = items.push(headlineCount[i]!);
        mean[i] = sum.push(headlineSum[i]!) / all;
        count[i] = all;
      }
    };
  },
};

export const FLOW: Family = {
  name: "flow",
  title: "Order book, flow, funding, sentiment",
  definitions: [
    imbalance,
    spread,
    micro,
    depthslope,
    ofi,
    tradesign,
    kyle,
    funding,
    oichange,
    basis,
    feargreed,
    headlines,
  ],
};
