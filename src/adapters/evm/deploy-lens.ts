/** The contract that reads all others. Nobody owns it and nothing knows it, so it is created after everything else. */
import type { ContractName } from "./artifacts.ts";
import type { Sequence } from "./sequence.ts";

/** Which contract stands behind each address that `LensAddresses` names, in its order; after them come the people. */
const CONTRACTS = {
  validator: "PredictionValidator",
  policy: "RiskPolicy",
  registry: "ModelRegistry",
  quorum: "QuorumAttester",
  vault: "FundVault",
  court: "DisputeCourt",
  attesterBonds: "AttesterBonds",
  allocator: "Allocator",
  stakeVault: "StakeVault",
  governor: "SaksiGovernor",
} as const satisfies Record<string, ContractName>;

export const LENS_LIBRARIES = ["HealthLib", "PredictionWordsLib", "AccountWordsLib"] as const;

type People<T> = { owner: T; guardian: T; executor: T };

/**
 * What a lens is told.
 * @param at where a contract stands; the zero address for one that the deployment does not have.
 * @param none the zero address.
 * @param governs whether the governor's timelock is the owner. One that owns nothing governs nothing: the lens is not told of it.
 */
export function lensAddresses<T>(
  at: (contract: ContractName) => T,
  none: T,
  governs: boolean,
  people: People<T>,
): Record<string, T> {
  const contracts = Object.entries(CONTRACTS).map(([field, contract]) => [field, at(contract)] as const);
  return { ...Object.fromEntries(contracts), ...(governs ? {} : { governor: none }), ...people };
}

/** @param told as `lensAddresses` says. */
export async function deployLens(
  s: Sequence,
  told: Record<string, string>,
): Promise<Partial<Record<ContractName, string>>> {
  const libraries: Record<string, string> = {};
  for (const name of LENS_LIBRARIES) libraries[name] = await s.create(name, []);
  return { ...libraries, Lens: await s.create("Lens", [told], libraries) };
}
