import { z } from "zod";
import { handle } from "../src/adapters/lambda/handle.ts";
import { execute } from "../src/stations/execute/execute.ts";

const id = z.string().regex(/^0x[0-9a-f]{64}$/);
/** One leg of an approved round trip. */
export const eventSchema = z.discriminatedUnion("leg", [
  z.strictObject({ id, leg: z.literal("entry") }),
  z.strictObject({ id, leg: z.literal("exit"), reason: z.string().max(200) }),
]);

export const handler = handle("execute", eventSchema, execute);
