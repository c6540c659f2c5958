/**
 * The simulated world that `npm start` runs: fixed addresses, short epochs and windows, virtual time.
 * Nothing here is used on a real chain: the keys are the publicly known ones of local test nodes.
 */
import { HDNodeWallet, Mnemonic } from "ethers";
import type { RiskSpec } from "../domain/risk-spec.ts";

export const LOCAL_CHAIN_ID = 31_337n;
export const TEST_MNEMONIC = "test test test test test test test test test test test junk";

/** Account index of each role under the test mnemonic. */
export const ROLE_INDEX = {
  deployer: 0,
  guardian: 1,
  operator: 2,
  publisher: 3,
  relayer: 4,
  executor: 5,
  feeder: 6,
  depositor: 7,
  venueDeposit: 8,
  treasury: 9,
  attester1: 10,
  attester2: 11,
  attester3: 12,
  attester4: 13,
  attester5: 14,
  actor: 15,
  functions: 16,
  gelato: 17,
  staker1: 18,
  staker2: 19,
} as const;
export type Role = keyof typeof ROLE_INDEX;

export const roleWallet = (role: Role): HDNodeWallet =>
  HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(TEST_MNEMONIC), `m/44'/60'/0'/0/${ROLE_INDEX[role]}`);

export const ATTESTER_ROLES = ["attester1", "attester2", "attester3", "attester4", "attester5"] as const;
export const QUORUM = 3;

/** Virtual milliseconds. Block and tick share one grid, so that one step serves both. */
export const TIMING = {
  tickMs: 15_000,
  blockMs: 15_000,
  confirmations: 1,
  slotStepMs: 300_000,
  candleDelayMs: 2_000,
  epochSeconds: 7_200,
  disputeSeconds: 60,
  settleGraceSeconds: 120,
  loosenDelaySeconds: 120,
  unknownGraceMs: 45_000,
} as const;

export const VENUE_UID = "880001";
export const FUNDS = {
  depositUsdE6: 20_000_000_000n,
  bondUsdE6: 2_000_000_000n,
  atVenueUsdE6: 10_000_000_000n,
  /** The vault sends no more than this to an account. */
  venueCapUsdE6: 15_000_000_000n,
  attesterBondUsdE6: 1_000_000_000n,
} as const;

/** One SAKSI in its smallest units. */
export const SAKSI = 10n ** 18n;
/** What each staker brings in and signals to the mandate. */
export const STAKES = { staker1: 100_000n * SAKSI, staker2: 40_000n * SAKSI } as const;

/**
 * Rules of size for the local mandate; tick and lots come from the venue's contract specification. A round trip costs
 * 16 bps in fees, so only a confidence whose expected move comes near that trades, and stops lie well beyond it.
 */
export const riskSpecFor = (rules: {
  tickE8: bigint;
  lotE8: bigint;
  minQtyE8: bigint;
  takerFeeE8: bigint;
}): RiskSpec => ({
  version: 1,
  minConfidencePpm: 560_000n,
  kellyFractionBps: 2_500n,
  riskPerTradeBps: 50n,
  stopSigmaBps: 20_000n,
  targetSigmaBps: 40_000n,
  minStopBps: 40n,
  maxStopBps: 300n,
  entrySlipBps: 20n,
  stopSlipBps: 10n,
  takerFeePpm: rules.takerFeeE8 / 100n,
  maxLeverageBps: 20_000n,
  maxNotionalUsdE6: 10_000_000_000n,
  tickE8: rules.tickE8,
  lotE8: rules.lotE8,
  minQtyE8: rules.minQtyE8,
  horizonSeconds: 600n,
  entrySeconds: 90n,
  settleSeconds: 300n,
});
