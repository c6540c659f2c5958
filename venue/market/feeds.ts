// Opens a market's feed: synthetic, recorded candles, or a recorded book.

import type { ContractSpec } from "../money/contract-spec.ts";
import { pathInsideBar, sliceOfPath } from "./bar-path.ts";
import { DataFileError, parseCandles, type RecordedBar, readTextFile } from "./candle-file.ts";
import { type MarketFeed, MINUTE_MS } from "./market-feed.ts";
import { PathFeed } from "./path-feed.ts";
import { RecordedBookFeed } from "./recorded-book-feed.ts";
import { parseRecordedEvents } from "./recorded-events.ts";
import { labelOf, SeededRandom } from "./seeded-random.ts";
import { SlowFactors } from "./slow-factors.ts";
import { SyntheticPaths } from "./synthetic-path.ts";

export interface FeedRequest {
  readonly spec: ContractSpec;
  readonly seed: number;
  readonly tickMs: number;
  readonly historyMinutes: number;
}

/** A feed and the virtual start it imposes, if it does. */
export interface OpenedFeed {
  readonly feed: MarketFeed;
  readonly startMs: number | undefined;
}

export function openSyntheticFeed(request: FeedRequest, startMs: number): OpenedFeed {
  const paths = new SyntheticPaths(request.seed, request.spec, request.tickMs);
  const feed = new PathFeed({
    seed: request.seed,
    spec: request.spec,
    tickMs: request.tickMs,
    firstMinute: Math.floor(startMs / MINUTE_MS) - request.historyMinutes,
    candleSource: "synthetic",
    paths,
    slow: paths.slow,
    lotValueAt: (minute) => paths.lotValueAt(minute),
  });
  return { feed, startMs: undefined };
}

export function openRecordedFeed(request: FeedRequest, file: string): OpenedFeed {
  const text = readTextFile(file);
  if (text.startsWith("{")) {
    const feed = new RecordedBookFeed(
      parseRecordedEvents(text, file, request.spec),
      request.tickMs,
      request.seed,
      request.spec,
    );
    return { feed, startMs: feed.startMs };
  }
  const { stepMs, bars } = parseCandles(text, file, request.spec);
  const byTime = new Map<number, RecordedBar>(bars.map((bar) => [bar.openTimeMs, bar]));
  const wantedMs = bars[0]!.openTimeMs + request.historyMinutes * MINUTE_MS;
  const startBar = bars.find((bar) => bar.openTimeMs + stepMs > wantedMs);
  if (startBar === undefined) {
    throw new DataFileError(
      `${file} is shorter than the ${request.historyMinutes} minutes of history asked for.`,
    );
  }
  // A hole where the history ends is passed over: the venue needs a price to start with.
  const startMs = Math.max(wantedMs, startBar.openTimeMs);
  const slow = new SlowFactors(request.seed, request.spec.symbol);
  const label = labelOf(`${request.spec.symbol}/bars`);
  const perMinute = MINUTE_MS / request.tickMs;
  const lotSize = 10 ** -request.spec.quantityPrecision * 10 ** -request.spec.pricePrecision;
  const feed = new PathFeed({
    seed: request.seed,
    spec: request.spec,
    tickMs: request.tickMs,
    firstMinute: bars[0]!.openTimeMs / MINUTE_MS,
    candleSource: "recorded",
    slow,
    lotValueAt: () => bars[0]!.open * lotSize,
    paths: {
      path(minute) {
        const tMs = minute * MINUTE_MS;
        const openTimeMs = tMs - (tMs % stepMs);
        const bar = byTime.get(openTimeMs);
        if (bar === undefined) return undefined;
        const random = new SeededRandom(request.seed, label, openTimeMs / MINUTE_MS);
        const whole = pathInsideBar(bar, stepMs / request.tickMs, slow.basisAt(openTimeMs), random);
        return sliceOfPath(whole, ((tMs - openTimeMs) / MINUTE_MS) * perMinute, perMinute);
      },
    },
  });
  return { feed, startMs };
}
