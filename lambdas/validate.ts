import { z } from "zod";
import { handle } from "../src/adapters/lambda/handle.ts";
import { Bytes32Schema, ChainArgsSchema } from "../src/domain/schemas.ts";
import type { ChainEventName } from "../src/ports/chain.ts";
import { validate } from "../src/stations/validate/validate.ts";

/** Every event the chain port knows; the compiler says when one is missing. */
const NAMES = {
  Registered: true,
  Ignored: true,
  Approved: true,
  Rejected: true,
  Settled: true,
  Cancelled: true,
  Finalized: true,
  Expired: true,
  Disputed: true,
  Resolved: true,
  Revoked: true,
  EpochClosed: true,
  Distributed: true,
  NewRiskPaused: true,
  NewRiskResumed: true,
} satisfies Record<ChainEventName, true>;

/** A confirmed event of the contracts, with its block. Events of the fund carry an empty id. */
export const eventSchema = z.strictObject({
  name: z.enum(Object.keys(NAMES) as ChainEventName[]),
  id: z.union([Bytes32Schema, z.literal("")]),
  blockNumber: z.int().nonnegative(),
  logIndex: z.int().nonnegative(),
  txHash: Bytes32Schema,
  timestamp: z.int().nonnegative(),
  args: ChainArgsSchema,
});

export const handler = handle("validate", eventSchema, validate);
