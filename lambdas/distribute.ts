import { z } from "zod";
import { handle } from "../src/adapters/lambda/handle.ts";
import { distribute } from "../src/stations/distribute/distribute.ts";

/** An epoch to close, or the contract's word that it closed. */
export const eventSchema = z.union([
  z.strictObject({ epoch: z.coerce.bigint().positive() }),
  z.strictObject({ closed: z.coerce.bigint().positive(), event: z.enum(["EpochClosed", "Distributed"]), args: z.record(z.string(), z.union([z.bigint(), z.string(), z.boolean()])) }),
]);

export const handler = handle("distribute", eventSchema, distribute);
