/** Parameters of the contracts in the simulated world. */
import { encodeBytes32String, getCreateAddress, ZeroHash } from "ethers";
import type { DeploymentParams, MandateLimits } from "../adapters/evm/deployment-params.ts";
import type { Transport } from "../domain/attestation.ts";
import { venueAccountHash } from "../domain/settlement-payload.ts";
import { ATTESTER_ROLES, FUNDS, QUORUM, roleWallet, SAKSI, TIMING, VENUE_UID } from "./scenario.ts";

/** What the vendor's local deployment makes of the Functions network, from its own account: the router is its fourth contract. */
export const FUNCTIONS_ROUTER = getCreateAddress({ from: roleWallet("functions").address, nonce: 3 });
export const SUBSCRIPTION_ID = 1n;
const DON_ID = encodeBytes32String("local-functions-testnet");

/** What the contract will look at again when a sealed prediction is revealed. */
export const DIRECTION_TERMS = { feeReservePpm: 800n, entryBandBps: 50n };

/** The exchange account of the fund's one mandate. */
export type LocalAccount = { uid: string; allocationUsdE6: bigint };
const SIMULATED_ACCOUNT: LocalAccount = { uid: VENUE_UID, allocationUsdE6: FUNDS.atVenueUsdE6 };

export const localLimits = (
  transport: Transport,
  allocationUsdE6 = SIMULATED_ACCOUNT.allocationUsdE6,
): MandateLimits => ({
  active: true,
  maxNotionalUsdE6: 10_000_000_000n,
  maxLossUsdE6: 200_000_000n,
  lossBudgetUsdE6: 400_000_000n,
  ratePerDayNotionalUsdE6: 2_000_000_000_000n,
  ratePerDayCount: 400,
  maxOpen: 1,
  maxLeverageBps: 50_000,
  minConfidencePpm: 505_000,
  maxDrawdownBps: 3_000,
  minBondBps: 500,
  // A single sender or a network that cannot run the model gives less assurance; the mandate says so.
  requiredFlags: { quorum: 0x1f, sealed: 0x3f, functions: 0x10, gelato: 0x10 }[transport],
  minLevel: transport === "gelato" ? 1 : 2,
  priceBandBps: 100,
  entryBandBps: Number(DIRECTION_TERMS.entryBandBps),
  fillBandBps: 200,
  maxAgeSeconds: 120,
  feedHeartbeatSeconds: 180,
  allocationUsdE6,
  settleGraceSeconds: TIMING.settleGraceSeconds,
  disputeWindowSeconds: TIMING.disputeSeconds,
  expiryPenaltyUsdE6: 50_000_000n,
});

export function localDeployment(
  market: string,
  modelId: string,
  startSeconds: bigint,
  transport: Transport,
  sourceHash = ZeroHash,
  account = SIMULATED_ACCOUNT,
): DeploymentParams {
  const address = (role: Parameters<typeof roleWallet>[0]): string => roleWallet(role).address;
  const epoch = BigInt(TIMING.epochSeconds);
  return {
    // The scenario loosens a limit within minutes; a proposal would take longer. The key is publicly known anyway.
    owner: address("deployer"),
    guardian: address("guardian"),
    executor: address("executor"),
    operator: address("operator"),
    feeder: address("feeder"),
    attesters: ATTESTER_ROLES.map(address),
    threshold: QUORUM,
    venueAccountHash: venueAccountHash(account.uid),
    firstSnapshotAt: (startSeconds / epoch + 1n) * epoch,
    epochLengthSeconds: epoch,
    policyDelaySeconds: 3_600n,
    loosenDelaySeconds: BigInt(TIMING.loosenDelaySeconds),
    maxPauseSeconds: 86_400n,
    signerDelaySeconds: 3_600n,
    modelActivationDelaySeconds: 0n,
    feeReservePpm: Number(DIRECTION_TERMS.feeReservePpm),
    vault: {
      venueDeposit: address("venueDeposit"),
      venueCapUsdE6: FUNDS.venueCapUsdE6,
      residualToleranceE8: 0n,
      bondReleaseDelaySeconds: 86_400n,
      silenceSeconds: BigInt(TIMING.epochSeconds) * 12n,
      minDepositUsdE6: 1_000_000n,
      maxDepositUsdE6: FUNDS.depositUsdE6,
      redeemCapBps: 10_000,
      minBondBps: 500,
      performanceFeeBps: 2_000,
      operatorShareBps: 5_000,
      stakersShareBps: 3_000,
    },
    markets: [{ market, limits: localLimits(transport, account.allocationUsdE6) }],
    models: [{ modelId, publisher: address("publisher"), isPrivate: transport === "sealed" }],
    mints: [
      { to: address("depositor"), amountUsdE6: FUNDS.depositUsdE6 },
      { to: address("operator"), amountUsdE6: FUNDS.bondUsdE6 },
      ...ATTESTER_ROLES.map((role) => ({ to: address(role), amountUsdE6: FUNDS.attesterBondUsdE6 })),
    ],
    gelatoExecutor: address("gelato"),
    functions: {
      requester: address("relayer"),
      router: FUNCTIONS_ROUTER,
      subscriptionId: SUBSCRIPTION_ID,
      donId: DON_ID,
      callbackGasLimit: 300_000,
      sourceHash,
      timeoutSeconds: 300n,
    },
    court: {
      bondUsdE6: 100_000_000n,
      reviewSeconds: 120n,
      rulingSeconds: 240n,
      reviewerDelaySeconds: 3_600n,
      slashBps: 500,
      attesterMinBondUsdE6: FUNDS.attesterBondUsdE6,
      attesterUnbondingSeconds: 86_400n,
    },
    governance: {
      saksiHolder: address("treasury"),
      unbondingSeconds: 172_800n,
      escrowSeconds: epoch,
      streamSeconds: epoch,
      scoreIntervalSeconds: epoch,
      votingDelaySeconds: 60n,
      votingPeriodSeconds: 600n,
      lateQuorumExtensionSeconds: 120n,
      queueWindowSeconds: 600n,
      proposalThresholdSaksi: 1_000n * SAKSI,
      quorumPercent: 10n,
      quorumFloorSaksi: 50_000n * SAKSI,
      timelockDelaySeconds: 300n,
      timelockMaxDelaySeconds: 600n,
      executionWindowSeconds: 600n,
      placeDelaySeconds: 0n,
      placeCapUsdE6: account.allocationUsdE6,
      placeCapBps: 7_500,
      bucketCapacityUsdE6: FUNDS.venueCapUsdE6,
      bucketWindowSeconds: 86_400n,
    },
  };
}
