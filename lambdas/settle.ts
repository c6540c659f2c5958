import { z } from "zod";
import { handle } from "../src/adapters/lambda/handle.ts";
import { settle } from "../src/stations/settle/settle.ts";

/** A closed round trip to settle, or a settled one to make final. */
export const eventSchema = z.strictObject({ id: z.string().regex(/^0x[0-9a-f]{64}$/), finalize: z.boolean().optional() }).transform(({ id, finalize }) => (finalize === undefined ? { id } : { id, finalize }));

export const handler = handle("settle", eventSchema, settle);
