/** The contracts' interfaces, generated from the compiled sources, ready to encode and decode. */
import { Interface } from "ethers";
import { AllocatorAbi } from "./abi/Allocator.ts";
import { AttesterBondsAbi } from "./abi/AttesterBonds.ts";
import { BondVaultAbi } from "./abi/BondVault.ts";
import { FeeForwarderAbi } from "./abi/FeeForwarder.ts";
import { FunctionsAttesterAbi } from "./abi/FunctionsAttester.ts";
import { FundVaultAbi } from "./abi/FundVault.ts";
import { PredictionValidatorAbi } from "./abi/PredictionValidator.ts";
import { QuorumAttesterAbi } from "./abi/QuorumAttester.ts";
import { RiskPolicyAbi } from "./abi/RiskPolicy.ts";
import { StakeVaultAbi } from "./abi/StakeVault.ts";
import { VenuePriceFeedAbi } from "./abi/VenuePriceFeed.ts";

export const validatorAbi = new Interface(PredictionValidatorAbi);
export const quorumAbi = new Interface(QuorumAttesterAbi);
export const policyAbi = new Interface(RiskPolicyAbi);
export const vaultAbi = new Interface(FundVaultAbi);
export const functionsAbi = new Interface(FunctionsAttesterAbi);
export const feedAbi = new Interface(VenuePriceFeedAbi);
export const bondVaultAbi = new Interface(BondVaultAbi);
export const bondsAbi = new Interface(AttesterBondsAbi);
export const stakeAbi = new Interface(StakeVaultAbi);
export const forwarderAbi = new Interface(FeeForwarderAbi);
export const allocatorAbi = new Interface(AllocatorAbi);

/** The addresses the engine talks to. */
export type Addresses = {
  validator: string;
  policy: string;
  quorum: string;
  vault: string;
  feed: string;
  registry: string;
  functions?: string | undefined;
};
