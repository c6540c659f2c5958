import { handle } from "../src/adapters/lambda/handle.ts";
import { SlotEventSchema } from "../src/domain/schemas.ts";
import { predict } from "../src/stations/predict/predict.ts";

export const eventSchema = SlotEventSchema;

export const handler = handle("predict", eventSchema, predict);
