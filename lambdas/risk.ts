import { handle } from "../src/adapters/lambda/handle.ts";
import { SlotEventSchema } from "../src/domain/schemas.ts";
import { risk } from "../src/stations/risk/risk.ts";

export const eventSchema = SlotEventSchema;

export const handler = handle("risk", eventSchema, risk);
