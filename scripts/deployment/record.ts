/** The record of a deployment, `deployments/<network>.json`: what stands where, from what, and who may do what. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { getAddress, ZeroAddress } from "ethers";
import { z } from "zod";
import type { DeploymentParams } from "../../src/adapters/evm/deployment-params.ts";
import { AddressSchema, Bytes32Schema } from "../../src/domain/schemas.ts";
import { UsageError } from "../../src/errors/errors.ts";
import { DeploymentParamsSchema, parse } from "./parameters.ts";

const hex = z.string().regex(/^0x([0-9a-f]{2})*$/, "is not hexadecimal");

const ContractSchema = z.strictObject({
  contract: z.string(),
  /** What tells instances apart, such as a feed's market. */
  label: z.string().optional(),
  source: z.string(),
  address: AddressSchema,
  /** ABI-encoded. */
  constructorArguments: hex,
  /** The same in words, for readers. */
  arguments: z.record(z.string(), z.string()),
  libraries: z.record(z.string(), AddressSchema),
  /** keccak256 of the linked creation code without arguments: which sources and settings it came from. */
  creationCodeHash: Bytes32Schema,
  transaction: Bytes32Schema,
  block: z.int().nonnegative(),
});

const RoleSchema = z.strictObject({
  contract: z.string(),
  address: AddressSchema,
  role: z.string(),
  holder: z.string(),
});

export const DeploymentRecordSchema = z.strictObject({
  format: z.literal(1),
  network: z.string(),
  chainId: z.int().positive(),
  deployer: AddressSchema,
  /** The block of the first and of the last transaction. */
  firstBlock: z.int().nonnegative(),
  block: z.int().nonnegative(),
  contracts: z.array(ContractSchema).min(1),
  asset: AddressSchema,
  /** By market. */
  feeds: z.record(z.string(), AddressSchema),
  mandates: z.record(z.string(), Bytes32Schema),
  parameters: DeploymentParamsSchema,
  roles: z.array(RoleSchema),
});
export type RecordedContract = z.infer<typeof ContractSchema>;
export type RecordedRole = z.infer<typeof RoleSchema>;
export type DeploymentRecord = Omit<z.infer<typeof DeploymentRecordSchema>, "parameters"> & {
  parameters: DeploymentParams;
};

export const recordFile = (deploymentsDir: string, network: string): string =>
  `${deploymentsDir}/${network}.json`;

export const recordExists = (file: string): boolean => existsSync(file);

/** @throws UsageError when there is none or it is not one. */
export function readRecord(file: string): DeploymentRecord {
  if (!existsSync(file))
    throw new UsageError("record.none", `${file} does not exist; deploy first, with npm run deploy`);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new UsageError("record.unreadable", `${file} cannot be read as JSON`, { cause });
  }
  return parse(DeploymentRecordSchema, file, json) as DeploymentRecord;
}

/** Written whole or not at all. */
export function writeRecord(file: string, record: DeploymentRecord): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, recordText(record));
  renameSync(`${file}.new`, file);
}

export const recordText = (record: DeploymentRecord): string => `${JSON.stringify(record, plain, 2)}\n`;

const plain = (_key: string, value: unknown): unknown => {
  if (typeof value !== "bigint") return value;
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString();
};

/** The one contract of a name; `address` where a name occurs more than once. */
export function recorded(
  record: DeploymentRecord,
  contract: string,
  address?: string,
): RecordedContract | undefined {
  return record.contracts.find(
    (one) =>
      one.contract === contract &&
      (address === undefined || one.address.toLowerCase() === address.toLowerCase()),
  );
}

/** Where a contract stands; the zero address where the record has none. */
export const addressIn = (record: DeploymentRecord, contract: string): string =>
  getAddress(recorded(record, contract)?.address ?? ZeroAddress);
