import { z } from "zod";
import { handle } from "../src/adapters/lambda/handle.ts";
import { Bytes32Schema } from "../src/domain/schemas.ts";
import { attest } from "../src/stations/attest/attest.ts";

/** A signed prediction to bring on-chain, or one whose time has run out. */
export const eventSchema = z.strictObject({ id: Bytes32Schema, lapse: z.literal(true).exactOptional() });

export const handler = handle("attest", eventSchema, attest);
