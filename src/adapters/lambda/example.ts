/**
 * A made-up market in memory, so that a station can be tried on a fresh checkout: `saksi invoke predict
 * events/predict.json`. Candles are a seeded walk; there is no exchange, no chain, no key and nothing to win.
 */

import { ZeroAddress } from "ethers";
import { MODELS_DIR } from "../../config/assets.ts";
import { LOCAL_CHAIN_ID, riskSpecFor, TIMING } from "../../config/scenario.ts";
import { type Candle, MINUTE_MS, utcMidnight } from "../../domain/candle.ts";
import { BOOK_LEVELS, FUNDING_POINTS, OPEN_INTEREST_POINTS } from "../../domain/evidence.ts";
import { hashText } from "../../domain/ids.ts";
import type { SlotRecord } from "../../domain/records.ts";
import { SaksiError, UsageError } from "../../errors/errors.ts";
import type { Notify } from "../../ports/ports.ts";
import { features } from "../../stations/features/features.ts";
import { MarketWindow } from "../../stations/features/window.ts";
import { storeCandles } from "../../stations/ingest/candles.ts";
import { predict } from "../../stations/predict/predict.ts";
import { slotKey } from "../../stations/records.ts";
import { type Deps, type EngineConfig, put } from "../../stations/station.ts";
import { VirtualClock } from "../local/clock.ts";
import { seededRandom } from "../local/random.ts";
import { engineConfig, modelRuntime } from "../local/wire.ts";
import { absentSentiment } from "../sentiment/absent.ts";
import { SqliteStore } from "../sqlite/store.ts";
import { DirectoryModelStore } from "../tfjs/index.ts";

const MODEL = "lstm-small";
const MARKET = "weex:BTCUSDT";
const SEED = 7;
/** 2026-01-05T00:00:00Z. */
const MIDNIGHT_MS = 1_767_571_200_000;
const EQUITY_E8 = 1_000_000_000_000n;

/** One slot for each station that needs neither exchange nor chain, in the phase that station starts from. */
export const EXAMPLE_SLOTS = {
  features: MIDNIGHT_MS + TIMING.slotStepMs,
  predict: MIDNIGHT_MS + 2 * TIMING.slotStepMs,
  risk: MIDNIGHT_MS + 3 * TIMING.slotStepMs,
} as const;

export async function exampleDeps(notify: Notify): Promise<Deps> {
  const known = await new DirectoryModelStore(MODELS_DIR).list();
  const model = known.find(({ name }) => name === MODEL);
  if (!model)
    throw new SaksiError("example.noModel", `the example needs the model "${MODEL}" in ${MODELS_DIR}`);
  const store = new SqliteStore(":memory:");
  const fence = store.takeFence("example");
  const models = modelRuntime();
  const { featureSpec } = (await models.load(model.modelId)).manifest;
  const deps: Deps = {
    clock: new VirtualClock(EXAMPLE_SLOTS.risk + TIMING.candleDelayMs),
    random: seededRandom(SEED),
    store,
    queue: store,
    models,
    notify,
    sentiment: absentSentiment,
    signer: absent("key"),
    chain: absent("chain"),
    venue: absent("exchange"),
    transport: absent("oracle"),
    attesters: [],
    config: exampleConfig(model.modelId),
    window: new MarketWindow(featureSpec),
    fence: () => fence,
  };
  await fill(deps);
  return deps;
}

/** Stations do the filling: a slot in a later phase has gone through the earlier ones. */
async function fill(deps: Deps): Promise<void> {
  const fromMs = deps.window.firstOpenMs(EXAMPLE_SLOTS.risk);
  await storeCandles(deps.store, MARKET, walk(fromMs, (EXAMPLE_SLOTS.risk - fromMs) / MINUTE_MS));
  for (const cutoffMs of Object.values(EXAMPLE_SLOTS)) {
    const key = slotKey(MARKET, cutoffMs);
    await deps.store.transact([put(key.pk, key.sk, ingested(deps, cutoffMs), 0)]);
    if (cutoffMs >= EXAMPLE_SLOTS.predict) await features(deps, { cutoffMs });
    if (cutoffMs >= EXAMPLE_SLOTS.risk) await predict(deps, { cutoffMs });
  }
}

function ingested({ window }: Deps, cutoffMs: number): SlotRecord {
  const { stepMs, windowCandles } = window.spec;
  const hourMs = 60 * MINUTE_MS;
  const ladder = (firstE8: bigint, stepE8: bigint) =>
    Array.from({ length: BOOK_LEVELS }, (_, at) => [firstE8 + BigInt(at) * stepE8, 150_000_000n] as const);
  return {
    market: MARKET,
    cutoffMs,
    phase: "ingested",
    evidence: {
      market: MARKET,
      stepMs,
      cutoffMs,
      anchorMs: utcMidnight(cutoffMs),
      windowCandles,
      candleCount: (cutoffMs - window.firstOpenMs(cutoffMs)) / stepMs,
      funding: Array.from({ length: FUNDING_POINTS }, (_, at) => ({
        fundingTimeMs: MIDNIGHT_MS - (FUNDING_POINTS - 1 - at) * 8 * hourMs,
        rateE12: 50_000_000n,
      })),
      book: {
        updateId: "1",
        observedAtMs: cutoffMs,
        bids: ladder(5_999_990_000_000n, -10_000_000n),
        asks: ladder(6_000_010_000_000n, 10_000_000n),
      },
      openInterest: Array.from({ length: OPEN_INTEREST_POINTS }, (_, at) => ({
        observedAtMs: cutoffMs - (OPEN_INTEREST_POINTS - 1 - at) * TIMING.slotStepMs,
        amountE8: 1_000_000_000_000n,
      })),
      fearGreed: null,
      headlines: null,
      equityE8: EQUITY_E8,
    },
  };
}

/** Candles around 60000, about 5 bps a minute, in ticks of 0.1. */
function walk(fromMs: number, count: number): Candle[] {
  const tickE8 = 10_000_000n;
  const random = seededRandom(SEED);
  let close = 600_000;
  return Array.from({ length: count }, (_, at) => {
    const bytes = Buffer.from(random.bytes32(`candle:${at}`).slice(2), "hex");
    const open = close;
    // The sum of four bytes is near enough to a bell.
    const bell = (bytes[0]! + bytes[1]! + bytes[2]! + bytes[3]! - 510) / 148;
    close = Math.round(open * (1 + bell * 0.0005));
    return {
      openTimeMs: fromMs + at * MINUTE_MS,
      openE8: BigInt(open) * tickE8,
      highE8: BigInt(Math.max(open, close) + bytes[4]!) * tickE8,
      lowE8: BigInt(Math.min(open, close) - bytes[5]!) * tickE8,
      closeE8: BigInt(close) * tickE8,
      volumeE8: BigInt(500 + bytes[6]! * 4) * 1_000_000n,
    };
  });
}

function exampleConfig(modelId: string): EngineConfig {
  return engineConfig({
    mode: "simulated",
    market: MARKET,
    mandateId: hashText("example mandate"),
    modelId,
    riskSpec: riskSpecFor({ tickE8: 10_000_000n, lotE8: 10_000n, minQtyE8: 10_000n, takerFeeE8: 80_000n }),
    chain: { chainId: LOCAL_CHAIN_ID },
    addresses: { validator: ZeroAddress },
  });
}

/** A port that is not there; whoever uses it is told so in one sentence. */
function absent<T extends object>(what: string): T {
  return new Proxy({} as T, {
    get: (_target, method) => () => {
      throw new UsageError(
        "example.absent",
        `the example has no ${what} (${String(method)}); name the --store of a run`,
      );
    },
  });
}
