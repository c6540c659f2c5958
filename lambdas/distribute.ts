import { z } from "zod";
import { handle } from "../src/adapters/lambda/handle.ts";
import { ChainArgsSchema } from "../src/domain/schemas.ts";
import { distribute } from "../src/stations/distribute/distribute.ts";

const epoch = z.bigint().positive();

/** An epoch to close, or the contract's word that it closed. */
export const eventSchema = z.union([
  z.strictObject({ epoch }),
  z.strictObject({ closed: epoch, event: z.enum(["EpochClosed", "Distributed"]), args: ChainArgsSchema }),
]);

export const handler = handle("distribute", eventSchema, distribute);
