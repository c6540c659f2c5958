/** Which transport carries the verdicts of a run, what it needs beside the engine, and what its word is worth. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keccak256, toUtf8Bytes, ZeroHash } from "ethers";
import type { Role } from "../../config/scenario.ts";
import { venueUrl, type World } from "../../config/world.ts";
import { isCarriedByQuorum } from "../../domain/attestation.ts";
import { messageOf, SaksiError } from "../../errors/errors.ts";
import type { PublishedPrediction } from "../../ports/attester.ts";
import type { AttestationTransport, Ports } from "../../ports/ports.ts";
import { findProcess } from "../local/process.ts";
import { functionsTransport } from "./functions.ts";
import { gelatoTransport } from "./gelato.ts";
import { quorumTransport } from "./quorum.ts";
import { ensureInstalled, type VendorFolder } from "./vendor-install.ts";

type Vendor = { folder: VendorFolder; process: string; entry: string; keyRole: Role; assurance: string };

/** The peer process of each vendor's network; the quorum needs none. */
export const VENDORS: Partial<Record<World["transport"], Vendor>> = {
  functions: {
    folder: "functions",
    process: "functions",
    entry: "functions/network.ts",
    keyRole: "functions",
    assurance:
      "level 3, but one local node and only the PRICE flag: inputs, features, inference and sizing are not recomputed",
  },
  gelato: {
    folder: "web3-functions",
    process: "gelato",
    entry: "web3-functions/network.ts",
    keyRole: "gelato",
    assurance:
      "level 1, one sender and only the PRICE flag: inputs, features, inference and sizing are not recomputed",
  },
};

const SOURCE_FILE = "functions-source.js";

/** Installs what the transport needs and fixes the request source of this store. @returns the source's hash, zero without one. */
export async function prepareTransport(
  transport: World["transport"],
  dir: string,
  progress: (text: string) => void,
): Promise<string> {
  const vendor = VENDORS[transport];
  if (!vendor) return ZeroHash;
  await ensureInstalled(vendor.folder, progress);
  if (transport !== "functions") return ZeroHash;
  const { buildSource } = await import("../../../functions/build.ts");
  const source = await buildSource().catch((error: unknown) => {
    throw new SaksiError("functions.source", `the Functions source does not build: ${messageOf(error)}`, {
      cause: error,
    });
  });
  writeFileSync(join(dir, SOURCE_FILE), source);
  return keccak256(toUtf8Bytes(source));
}

export type TransportParts = Pick<Ports, "chain" | "clock" | "attesters"> & {
  dir: string;
  world: World;
  quorum: number;
  published: (id: string) => Promise<PublishedPrediction>;
};

export function transportOf(parts: TransportParts): AttestationTransport {
  const { chain, clock, attesters, dir, world, quorum, published } = parts;
  if (isCarriedByQuorum(world.transport))
    return quorumTransport(chain, attesters, quorum, published, world.transport);
  if (world.transport === "gelato") return gelatoTransport(chain);
  return functionsTransport({
    chain,
    clock,
    source: readFileSync(join(dir, SOURCE_FILE), "utf8"),
    publisherUrl: vendorUrl(dir, world.transport),
    venueUrl: venueUrl(world),
    market: world.market,
    mandateId: world.mandateId,
    publisher: world.publisher,
  });
}

/** @throws SaksiError when the vendor's process of this store is gone. */
export function vendorUrl(dir: string, transport: World["transport"]): string {
  const record = findProcess(dir, VENDORS[transport]?.process ?? "");
  if (!record)
    throw new SaksiError(
      "store.worldGone",
      `the ${transport} network of this store is no longer running, so the run cannot go on; use another --store`,
    );
  return `http://127.0.0.1:${record.port}`;
}
