/** The networks that can be trained. Layers carry fixed names and seeds, so the same seed builds the same weights. */
import {
  initializers,
  input,
  type LayersModel,
  layers,
  model,
  regularizers,
  type SymbolicTensor,
} from "@tensorflow/tfjs-layers";

export type NetworkShape = { sequenceLength: number; columns: number; statics: number };
export type NetworkKind = "lstm" | "logistic";

const LSTM_UNITS = 16;
const HIDDEN_UNITS = 8;

/** Inputs: sequence [sequenceLength × columns] and statics [statics]; output: one probability. */
export function buildNetwork(
  kind: NetworkKind,
  shape: NetworkShape,
  seed: number,
  weightDecay: number,
): LayersModel {
  const sequence = input({ shape: [shape.sequenceLength, shape.columns], name: "sequence" });
  const statics = input({ shape: [shape.statics], name: "statics" });
  const uniform = (offset: number) => initializers.glorotUniform({ seed: seed + offset });
  const decay = () => regularizers.l2({ l2: weightDecay });
  const summary =
    kind === "lstm"
      ? layers.lstm({
          name: "lstm",
          units: LSTM_UNITS,
          kernelInitializer: uniform(1),
          recurrentInitializer: uniform(2),
          kernelRegularizer: decay(),
        })
      : layers.flatten({ name: "last_candle" });
  let head = layers.concatenate({ name: "all" }).apply([summary.apply(sequence) as SymbolicTensor, statics]);
  if (kind === "lstm")
    head = layers
      .dense({
        name: "hidden",
        units: HIDDEN_UNITS,
        activation: "tanh",
        kernelInitializer: uniform(3),
        kernelRegularizer: decay(),
      })
      .apply(head);
  const output = layers
    .dense({
      name: "probability",
      units: 1,
      activation: "sigmoid",
      kernelInitializer: uniform(4),
      kernelRegularizer: decay(),
    })
    .apply(head);
  return model({ inputs: [sequence, statics], outputs: output as SymbolicTensor, name: kind });
}
