/**
 * Trains the committed models on the simulated venue's markets:
 *
 *     node scripts/train.ts --out models [--only lstm-small] [--data FOLDER] [--trials FILE]
 *
 * Every run is put on record in `trials.jsonl` of the output folder, or in the given file.
 * Seeded: the same sources give the same bytes. Validation lies after training in time, with a gap that no feature
 * window and no label crosses; one market with a seed of its own is seen by nothing but the final measurement.
 */
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startBackend, TFJS_VERSION } from "../src/adapters/tfjs/index.ts";
import { DAY_MS, MINUTE_MS } from "../src/domain/candle.ts";
import { OUTPUT_QUANTUM_PPM } from "../src/domain/output.ts";
import { DEFAULT_FEATURE_SPEC, type FeatureSpec, parseFeatureSpec } from "../src/features/index.ts";
import { type ModelManifest, OOD_LIMIT, outOfDistribution } from "../src/models/index.ts";
import { atLeast } from "../src/trials/index.ts";
import { writeArtefact } from "./train/artefact.ts";
import { type FitSettings, fitNetwork, probabilitiesOf } from "./train/fit.ts";
import { type MarketRequest, marketHistory } from "./train/history.ts";
import { type Metrics, metricsOf, spreadOf } from "./train/metrics.ts";
import { between, joined, lastRows, type Samples, samplesOf } from "./train/samples.ts";
import { SENTIMENT_GENERATOR } from "./train/sentiment.ts";
import { normalisationOf } from "./train/statistics.ts";
import { recordTraining } from "./train/trial.ts";

const DAYS = 28;
const MINUTES = (DAYS * DAY_MS) / MINUTE_MS;
const TRAIN_SHARE = 0.75;
const EVERY_MS = DEFAULT_FEATURE_SPEC.horizonMs;
/** No feature window of the validation span reaches a label of the training span. */
const PURGE_MS = DEFAULT_FEATURE_SPEC.windowCandles * MINUTE_MS + DEFAULT_FEATURE_SPEC.horizonMs;
/** Far from the seeds that scenarios and demonstrations use. */
const MARKETS: readonly MarketRequest[] = ["BTCUSDT", "ETHUSDT", "SOLUSDT"].flatMap((symbol, i) =>
  [1, 2, 3, 4, 5, 6].map((k) => ({ symbol, seed: 9_000 + 100 * i + k, minutes: MINUTES })),
);
const UNSEEN: MarketRequest = { symbol: "BTCUSDT", seed: 9_900, minutes: MINUTES };

type Recipe = { name: string; spec: FeatureSpec; settings: FitSettings; trials: number };

const RECIPES: readonly Recipe[] = [
  {
    name: "logistic",
    spec: parseFeatureSpec({ ...DEFAULT_FEATURE_SPEC, sequenceLength: 1 }),
    settings: {
      kind: "logistic",
      seed: 7,
      batch: 512,
      learningRate: 3e-3,
      decay: 0.8,
      weightDecay: 1e-5,
      maxEpochs: 20,
      patience: 2,
    },
    trials: 3,
  },
  {
    name: "lstm-small",
    spec: DEFAULT_FEATURE_SPEC,
    settings: {
      kind: "lstm",
      seed: 7,
      batch: 512,
      learningRate: 3e-3,
      decay: 0.7,
      weightDecay: 1e-4,
      maxEpochs: 12,
      patience: 2,
    },
    trials: 3,
  },
];

type Data = { training: Samples; validation: Samples; unseen: Samples; spans: Span[]; trainToMs: number };
type Span = ModelManifest["training"]["data"]["markets"][number];

function readData(exporter: string, folder: string): Data {
  const spans: Span[] = [];
  let trainToMs = 0;
  const sampled = (request: MarketRequest): { samples: Samples; fromMs: number; toMs: number } => {
    const history = marketHistory(exporter, folder, request, EVERY_MS);
    const fromMs = history.candles[0]!.openTimeMs;
    const toMs = history.candles.at(-1)!.openTimeMs + MINUTE_MS;
    const samples = samplesOf(DEFAULT_FEATURE_SPEC, history, EVERY_MS);
    console.log(
      `${request.symbol} seed ${request.seed}: ${history.candles.length} candles, ${samples.count} samples`,
    );
    return { samples, fromMs, toMs };
  };
  const parts = MARKETS.map((request) => {
    const { samples, fromMs, toMs } = sampled(request);
    spans.push({ symbol: request.symbol, seed: request.seed, fromMs, toMs });
    trainToMs = fromMs + Math.floor((TRAIN_SHARE * (toMs - fromMs)) / DAY_MS) * DAY_MS;
    return {
      training: between(samples, 0, trainToMs - DEFAULT_FEATURE_SPEC.horizonMs),
      validation: between(samples, trainToMs + PURGE_MS, Number.MAX_SAFE_INTEGER),
    };
  });
  return {
    training: joined(parts.map((part) => part.training)),
    validation: joined(parts.map((part) => part.validation)),
    unseen: sampled(UNSEEN).samples,
    spans,
    trainToMs,
  };
}

async function trainOne(
  { name, spec, settings, trials }: Recipe,
  data: Data,
  out: string,
  record: string,
): Promise<void> {
  const columns = spec.sequence.length;
  const view = (samples: Samples): Samples => lastRows(samples, columns, spec.sequenceLength);
  const [training, validation, unseen] = [view(data.training), view(data.validation), view(data.unseen)];
  const scaling = { featureSpec: spec, normalisation: normalisationOf(spec, training) };
  const { network, epochs } = await fitNetwork(scaling, training, validation, settings);
  const baseRate = training.labels.reduce((sum, label) => sum + label, 0) / training.count;
  const measured = (samples: Samples, what: string): Metrics => {
    const probabilities = probabilitiesOf(network, scaling, samples);
    const metrics = metricsOf(probabilities, samples.labels, baseRate);
    console.log(`${name} ${what}: ${JSON.stringify(metrics)}`);
    console.log(
      `  |p − 0.5| at 10 25 50 75 90 %: ${spreadOf(probabilities)}; out of distribution: ${refusedShare(scaling, samples)}`,
    );
    return metrics;
  };
  const withoutStatics = { ...validation, statics: new Float32Array(validation.statics.length) };
  const metrics = {
    train: measured(training, "training"),
    validation: measured(validation, "validation"),
    candlesOnly: measured(withoutStatics, "validation on candles only"),
    unseenMarket: measured(unseen, "unseen market"),
  };
  const { number } = recordTraining(record, {
    name,
    spec: { featureSpec: spec, settings, trainShare: TRAIN_SHARE, everyMs: EVERY_MS, purgeMs: PURGE_MS },
    judgedOn: [training, validation],
    metrics,
    recordedAtMs: Date.now(),
  });
  console.log(`${name}: ${atLeast({ count: number })} on record`);
  const { modelId, bytes } = writeArtefact(join(out, name), network, {
    format: 1,
    name,
    kind: settings.kind,
    runtime: { backend: "wasm", library: "tfjs", version: TFJS_VERSION },
    featureSpec: spec,
    outputs: ["probUp"],
    outputQuantumPpm: OUTPUT_QUANTUM_PPM,
    training: {
      seed: settings.seed,
      data: {
        generator: "simulated venue, synthetic market",
        sentiment: SENTIMENT_GENERATOR,
        markets: data.spans,
        everyMs: EVERY_MS,
        trainToMs: data.trainToMs,
        purgeMs: PURGE_MS,
      },
      samples: training.count,
      epochs,
      trials,
    },
    metrics,
    normalisation: scaling.normalisation,
  });
  network.dispose();
  console.log(`${name}: ${modelId} (${bytes} bytes)`);
}

/** Share of samples that the loader would refuse to predict on. */
function refusedShare(scaling: Parameters<typeof outOfDistribution>[0], samples: Samples): string {
  let refused = 0;
  const part = (values: Float32Array, i: number): Float32Array => {
    const width = values.length / samples.count;
    return values.subarray(i * width, (i + 1) * width);
  };
  for (let i = 0; i < samples.count; i++) {
    const features = { sequence: part(samples.sequence, i), statics: part(samples.statics, i) };
    if (!(outOfDistribution(scaling, features).score <= OOD_LIMIT)) refused += 1;
  }
  return `${((100 * refused) / samples.count).toFixed(3)} %`;
}

const { values } = parseArgs({
  options: {
    out: { type: "string", default: "models" },
    only: { type: "string" },
    data: { type: "string" },
    trials: { type: "string" },
    exporter: {
      type: "string",
      default: fileURLToPath(new URL("../venue/export-candles.ts", import.meta.url)),
    },
  },
});
const folder = values.data ?? mkdtempSync(join(tmpdir(), "saksi-train-"));
mkdirSync(folder, { recursive: true });
await startBackend();
const data = readData(values.exporter, folder);
console.log(
  `training ${data.training.count}, validation ${data.validation.count}, unseen ${data.unseen.count} samples`,
);
for (const recipe of RECIPES)
  if (!values.only || values.only === recipe.name)
    await trainOne(recipe, data, values.out, values.trials ?? join(values.out, "trials.jsonl"));
