import { z } from "zod";
import { handle } from "../src/adapters/lambda/handle.ts";
import { predict } from "../src/stations/predict/predict.ts";

/** A decision slot: the close time of its last candle. */
export const eventSchema = z.strictObject({ cutoffMs: z.number().int().positive() });

export const handler = handle("predict", eventSchema, predict);
