import { handle } from "../src/adapters/lambda/handle.ts";
import { SlotEventSchema } from "../src/domain/schemas.ts";
import { features } from "../src/stations/features/features.ts";

export const eventSchema = SlotEventSchema;

export const handler = handle("features", eventSchema, features);
