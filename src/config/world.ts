/** The public description of a running world: what every process must agree on. No secret is in here. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { TRANSPORTS } from "../domain/attestation.ts";
import { decodeJson, encodeJson } from "../domain/json.ts";
import { RiskSpecSchema } from "../domain/risk-spec.ts";
import { SaksiError } from "../errors/errors.ts";

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);
const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const url = z.url();

export const WorldSchema = z.strictObject({
  format: z.literal(1),
  seed: z.int(),
  source: z.string(),
  transport: z.enum(TRANSPORTS),
  chain: z.strictObject({ url, chainId: z.bigint(), genesisHash: hash, startBlock: z.int() }),
  addresses: z.strictObject({
    validator: address,
    policy: address,
    quorum: address,
    vault: address,
    feed: address,
    registry: address,
    asset: address,
    bond: address,
    attesterBonds: address,
    court: address,
    token: address,
    stake: address,
    forwarder: address,
    allocator: address,
    functions: address.optional(),
    gelato: address.optional(),
  }),
  mode: z.enum(["simulated", "live", "trade"]),
  venue: z.strictObject({
    /** Without hosts it is WEEX itself. */
    url: url.optional(),
    wsUrl: url.optional(),
    uid: z.string(),
    /** The paper account of a live world. */
    paperUrl: url.optional(),
    /** What a real account held when this world took it over. */
    opening: z
      .strictObject({
        atMs: z.int(),
        balanceE8: z.bigint().positive(),
        remainderE8: z.bigint().nonnegative(),
      })
      .optional(),
  }),
  market: z.string(),
  mandateId: hash,
  modelId: hash,
  publisher: address,
  riskSpec: RiskSpecSchema,
  attesters: z.array(z.strictObject({ name: z.string(), url: z.string(), signer: address })),
  startMs: z.int(),
  /** Files or addresses; what is not named is absent. */
  sentiment: z
    .strictObject({ fearGreed: z.string().optional(), headlines: z.string().optional() })
    .optional(),
});
export type World = z.infer<typeof WorldSchema>;

/** @throws SaksiError for a world on WEEX itself, which has no address of ours. */
export function venueUrl({ venue }: Pick<World, "venue">): string {
  if (venue.url === undefined)
    throw new SaksiError("world.incomplete", "the store's description names no simulated exchange");
  return venue.url;
}

const FILE = "world.json";

export function readWorld(dir: string): World | undefined {
  const file = join(dir, FILE);
  if (!existsSync(file)) return undefined;
  const parsed = WorldSchema.safeParse(decodeJson(readFileSync(file, "utf8")));
  if (!parsed.success)
    throw new SaksiError(
      "world.unreadable",
      `${file} is not a description this version can read (${parsed.error.issues[0]?.path.join(".")}); use another --store`,
    );
  return parsed.data;
}

/** Written whole or not at all. */
export function writeWorld(dir: string, world: World): void {
  const file = join(dir, FILE);
  writeFileSync(`${file}.new`, encodeJson(world));
  renameSync(`${file}.new`, file);
}
