import { z } from "zod";
import { handle } from "../src/adapters/lambda/handle.ts";
import { risk } from "../src/stations/risk/risk.ts";

/** A decision slot: the close time of its last candle. */
export const eventSchema = z.strictObject({ cutoffMs: z.number().int().positive() });

export const handler = handle("risk", eventSchema, risk);
