import { z } from "zod";
import { handle } from "../src/adapters/lambda/handle.ts";
import { Bytes32Schema } from "../src/domain/schemas.ts";
import { execute } from "../src/stations/execute/execute.ts";

/** One leg of an approved round trip. */
export const eventSchema = z.discriminatedUnion("leg", [
  z.strictObject({ id: Bytes32Schema, leg: z.literal("entry") }),
  z.strictObject({ id: Bytes32Schema, leg: z.literal("exit"), reason: z.string().min(1).max(200) }),
]);

export const handler = handle("execute", eventSchema, execute);
