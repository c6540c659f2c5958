import { z } from "zod";
import { handle } from "../src/adapters/lambda/handle.ts";
import { validate } from "../src/stations/validate/validate.ts";

/** A confirmed event of the contracts, with its block. */
export const eventSchema = z.strictObject({
  name: z.enum(["Registered", "Ignored", "Approved", "Rejected", "Settled", "Cancelled", "Finalized", "Expired", "Revoked", "EpochClosed", "Distributed"]),
  id: z.string(),
  blockNumber: z.number(),
  logIndex: z.number(),
  txHash: z.string(),
  timestamp: z.number(),
  args: z.record(z.string(), z.union([z.bigint(), z.string(), z.boolean()])),
});

export const handler = handle("validate", eventSchema, validate);
