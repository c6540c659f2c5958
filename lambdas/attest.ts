import { z } from "zod";
import { handle } from "../src/adapters/lambda/handle.ts";
import { attest } from "../src/stations/attest/attest.ts";

/** A signed prediction to bring on-chain, or one whose time has run out. */
export const eventSchema = z.strictObject({ id: z.string().regex(/^0x[0-9a-f]{64}$/), lapse: z.boolean().optional() }).transform(({ id, lapse }) => (lapse === undefined ? { id } : { id, lapse }));

export const handler = handle("attest", eventSchema, attest);
