import type { PredictionRecord } from "../../domain/records.ts";
import type { PublishedPrediction } from "../../ports/attester.ts";

/** The public document of a prediction; candles are left out because everyone fetches them for himself. */
export function publishedOf(record: PredictionRecord): PublishedPrediction {
  const { candleCount: _count, ...evidence } = record.evidence;
  return {
    id: record.id,
    market: record.market,
    prediction: record.prediction,
    signature: record.signature ?? "0x",
    reveal: record.reveal,
    output: record.output,
    evidence,
  };
}
