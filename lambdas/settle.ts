import { z } from "zod";
import { handle } from "../src/adapters/lambda/handle.ts";
import { Bytes32Schema } from "../src/domain/schemas.ts";
import { settle } from "../src/stations/settle/settle.ts";

/** A closed round trip to settle, or a settled one to make final. */
export const eventSchema = z.strictObject({ id: Bytes32Schema, finalize: z.literal(true).exactOptional() });

export const handler = handle("settle", eventSchema, settle);
