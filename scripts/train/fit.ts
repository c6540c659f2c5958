/** Seeded training with early stopping on the validation span. */
import { type Tensor, tensor, tidy, train } from "@tensorflow/tfjs-core";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { buildNetwork, type NetworkKind } from "../../src/adapters/tfjs/networks.ts";
import { type FeatureSpec, STATIC_FEATURES } from "../../src/features/index.ts";
import { type ModelManifest, standardise } from "../../src/models/index.ts";
import { SeededRandom } from "../../src/stats/random.ts";
import { logLossOf } from "./metrics.ts";
import type { Samples } from "./samples.ts";

export type FitSettings = {
  kind: NetworkKind;
  seed: number;
  batch: number;
  /** Of the first epoch; each further one multiplies it by `decay`. */
  learningRate: number;
  decay: number;
  weightDecay: number;
  maxEpochs: number;
  /** Epochs without a better validation log loss before training ends. */
  patience: number;
};

/** Share of samples from which a group of statics is taken away, each group by itself. */
const GROUP_DROP = 0.15;
/** Share from which all groups are taken away at once. */
const ALL_DROP = 0.1;
const PREDICT_BATCH = 2_048;

type Scaling = Pick<ModelManifest, "featureSpec" | "normalisation">;

/** Trains and leaves the network with the weights of the best epoch. */
export async function fitNetwork(
  scaling: Scaling,
  training: Samples,
  validation: Samples,
  settings: FitSettings,
) {
  const { featureSpec: spec } = scaling;
  const shape = {
    sequenceLength: spec.sequenceLength,
    columns: spec.sequence.length,
    statics: spec.statics.length,
  };
  const network = buildNetwork(settings.kind, shape, settings.seed, settings.weightDecay);
  const optimizer = train.adam(settings.learningRate);
  network.compile({ optimizer, loss: "binaryCrossentropy" });
  const random = new SeededRandom(settings.seed);
  const order = Uint32Array.from({ length: training.count }, (_, i) => i);
  let best = { epoch: 0, logLoss: Number.POSITIVE_INFINITY, weights: [] as Float32Array[] };
  let epoch = 0;
  while (epoch < settings.maxEpochs && epoch - best.epoch < settings.patience) {
    epoch += 1;
    const startedAt = performance.now();
    Object.assign(optimizer, { learningRate: settings.learningRate * settings.decay ** (epoch - 1) });
    random.shuffle(order);
    let sum = 0;
    for (let from = 0; from < order.length; from += settings.batch) {
      const indices = order.subarray(from, from + settings.batch);
      sum += (await step(network, scaling, training, indices, random)) * indices.length;
    }
    const logLoss = logLossOf(probabilitiesOf(network, scaling, validation), validation.labels);
    const kept = logLoss < best.logLoss;
    if (kept) best = { epoch, logLoss, weights: weightsOf(network).map(({ values }) => values) };
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(
      `${settings.kind} epoch ${epoch}: loss ${(sum / order.length).toFixed(5)}, validation log loss ${logLoss.toFixed(5)}${kept ? " *" : ""} (${seconds} s)`,
    );
  }
  const shapes = weightsOf(network).map(({ shape }) => shape);
  tidy(() => network.setWeights(best.weights.map((values, i) => tensor(values, shapes[i]!))));
  return { network, epochs: best.epoch };
}

async function step(
  network: LayersModel,
  scaling: Scaling,
  samples: Samples,
  indices: Uint32Array,
  random: SeededRandom,
): Promise<number> {
  const inputs = batchOf(scaling, samples, indices, random);
  const labels = tensor(
    Float32Array.from(indices, (i) => samples.labels[i]!),
    [indices.length, 1],
  );
  const loss = (await network.trainOnBatch(inputs, labels)) as number;
  for (const used of [...inputs, labels]) used.dispose();
  return loss;
}

/** Standardised inputs of the chosen samples; with `random`, groups of statics are dropped. */
function batchOf(
  scaling: Scaling,
  samples: Samples,
  indices: ArrayLike<number>,
  random?: SeededRandom,
): Tensor[] {
  const { featureSpec: spec } = scaling;
  const rowWidth = spec.sequenceLength * spec.sequence.length;
  const sequence = new Float32Array(indices.length * rowWidth);
  const statics = new Float32Array(indices.length * spec.statics.length);
  for (let at = 0; at < indices.length; at++) {
    const i = indices[at]!;
    const raw = {
      sequence: samples.sequence.subarray(i * rowWidth, (i + 1) * rowWidth),
      statics: samples.statics.slice(i * spec.statics.length, (i + 1) * spec.statics.length),
    };
    if (random) dropGroups(spec, raw.statics, random);
    const scaled = standardise(scaling, raw);
    sequence.set(scaled.sequence, at * rowWidth);
    statics.set(scaled.statics, at * spec.statics.length);
  }
  return [
    tensor(sequence, [indices.length, spec.sequenceLength, spec.sequence.length]),
    tensor(statics, [indices.length, spec.statics.length]),
  ];
}

function dropGroups(spec: FeatureSpec, statics: Float32Array, random: SeededRandom): void {
  const groupOf = new Map(STATIC_FEATURES.map(({ name, group }) => [name, group]));
  const all = random.uniform() < ALL_DROP;
  const dropped = new Set([...new Set(groupOf.values())].filter(() => random.uniform() < GROUP_DROP || all));
  spec.statics.forEach((name, i) => {
    if (dropped.has(groupOf.get(name)!)) statics[i] = 0;
  });
}

export function probabilitiesOf(network: LayersModel, scaling: Scaling, samples: Samples): Float32Array {
  const out = new Float32Array(samples.count);
  for (let from = 0; from < samples.count; from += PREDICT_BATCH) {
    const count = Math.min(PREDICT_BATCH, samples.count - from);
    const indices = Uint32Array.from({ length: count }, (_, i) => from + i);
    tidy(() =>
      out.set((network.predictOnBatch(batchOf(scaling, samples, indices)) as Tensor).dataSync(), from),
    );
  }
  return out;
}

/** Name, shape and values of all weights in the network's order. */
export function weightsOf(network: LayersModel): { name: string; shape: number[]; values: Float32Array }[] {
  return network.weights.map((weight) => ({
    name: weight.originalName,
    shape: weight.shape.map((length) => length ?? 1),
    values: Float32Array.from(weight.read().dataSync()),
  }));
}
