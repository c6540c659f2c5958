import { handle } from "../src/adapters/lambda/handle.ts";
import { SlotEventSchema } from "../src/domain/schemas.ts";
import { ingest } from "../src/stations/ingest/ingest.ts";

export const eventSchema = SlotEventSchema;

export const handler = handle("ingest", eventSchema, ingest);
