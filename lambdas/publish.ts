import { handle } from "../src/adapters/lambda/handle.ts";
import { SlotEventSchema } from "../src/domain/schemas.ts";
import { publish } from "../src/stations/publish/publish.ts";

export const eventSchema = SlotEventSchema;

export const handler = handle("publish", eventSchema, publish);
