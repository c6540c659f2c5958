/** What a deployment of the contracts is told. */
/** The rules of one mandate; the feed is filled in by the deployment. Same fields as the contract's `Limits`. */
export interface MandateLimits {
  active: boolean;
  maxNotionalUsdE6: bigint;
  maxLossUsdE6: bigint;
  lossBudgetUsdE6: bigint;
  ratePerDayNotionalUsdE6: bigint;
  ratePerDayCount: number;
  maxOpen: number;
  maxLeverageBps: number;
  minConfidencePpm: number;
  maxDrawdownBps: number;
  minBondBps: number;
  requiredFlags: number;
  minLevel: number;
  priceBandBps: number;
  entryBandBps: number;
  fillBandBps: number;
  maxAgeSeconds: number;
  feedHeartbeatSeconds: number;
  allocationUsdE6: bigint;
  settleGraceSeconds: number;
  disputeWindowSeconds: number;
  expiryPenaltyUsdE6: bigint;
}

export interface FunctionsParams {
  requester: string;
  /** Deploys `MockFunctionsRouter` when absent. */
  router?: string;
  subscriptionId: bigint;
  donId: string;
  callbackGasLimit: number;
  sourceHash: string;
  timeoutSeconds: bigint;
}

export interface CourtParams {
  /** Where the burnt half of a lost bond goes; the timelock when absent. */
  sink?: string;
  /** Of a challenger and of a defender. */
  bondUsdE6: bigint;
  reviewSeconds: bigint;
  rulingSeconds: bigint;
  reviewerDelaySeconds: bigint;
  /** Share of the stake behind a mandate that a violation costs. */
  slashBps: number;
  attesterMinBondUsdE6: bigint;
  /** At least the time a dispute can last after the longest dispute window. */
  attesterUnbondingSeconds: bigint;
}

/** Stakers, their votes, and what their signal moves. SAKSI has 18 decimals. */
export interface GovernanceParams {
  /** Gets the whole supply of SAKSI. */
  saksiHolder: string;
  /** Longer than the life of a proposal and a day, see SaksiGovernor. */
  unbondingSeconds: bigint;
  /** How long a slash waits before it is paid out. */
  escrowSeconds: bigint;
  /** Over which fees and rewards flow to stakers. */
  streamSeconds: bigint;
  scoreIntervalSeconds: bigint;
  votingDelaySeconds: bigint;
  votingPeriodSeconds: bigint;
  lateQuorumExtensionSeconds: bigint;
  queueWindowSeconds: bigint;
  proposalThresholdSaksi: bigint;
  quorumPercent: bigint;
  quorumFloorSaksi: bigint;
  timelockDelaySeconds: bigint;
  timelockMaxDelaySeconds: bigint;
  executionWindowSeconds: bigint;
  /** Before cash may go to a venue's address, and again before more of it may. */
  placeDelaySeconds: bigint;
  /** Caps on what the first mandate's address gets: an amount, and a share of the fund. */
  placeCapUsdE6: bigint;
  placeCapBps: number;
  /** What may leave the fund at once, and the time in which that refills. */
  bucketCapacityUsdE6: bigint;
  bucketWindowSeconds: bigint;
}

export interface DeploymentParams {
  /**
   * Who owns the contracts; the timelock when absent. Where it is not the deployer, ownership is offered at the end and
   * waits for `acceptOwnership`.
   */
  owner?: string;
  guardian: string;
  executor: string;
  operator: string;
  feeder: string;
  /** Deploys `MockUsd` when absent. */
  asset?: string;
  attesters: string[];
  threshold: number;
  /** `keccak256(utf8("weex:<uid>"))`. */
  venueAccountHash: string;
  firstSnapshotAt: bigint;
  epochLengthSeconds: bigint;
  policyDelaySeconds: bigint;
  loosenDelaySeconds: bigint;
  maxPauseSeconds: bigint;
  signerDelaySeconds: bigint;
  /** 0 activates the models at once. */
  modelActivationDelaySeconds: bigint;
  feeReservePpm: number;
  vault: {
    venueDeposit: string;
    /** Who gets their parts of the fee; the forwarder and the timelock when absent. */
    stakers?: string;
    treasury?: string;
    venueCapUsdE6: bigint;
    residualToleranceE8: bigint;
    bondReleaseDelaySeconds: bigint;
    /** Without a close for so long after a snapshot, anyone may start the wind-down. */
    silenceSeconds: bigint;
    minDepositUsdE6: bigint;
    maxDepositUsdE6: bigint;
    /** Share of the supply that one close redeems, 100 to 10000. */
    redeemCapBps: number;
    minBondBps: number;
    performanceFeeBps: number;
    operatorShareBps: number;
    stakersShareBps: number;
  };
  /** One price feed and one mandate each; `market` as in `weex:BTCUSDT`. */
  markets: { market: string; limits: MandateLimits }[];
  models: { modelId: string; publisher: string; isPrivate: boolean }[];
  /** Only with `MockUsd`. */
  mints?: { to: string; amountUsdE6: bigint }[];
  gelatoExecutor?: string;
  functions?: FunctionsParams;
  /** Results are beyond dispute and attesters have no bond when absent. */
  court?: CourtParams;
  /** Nobody has a stake when absent: then owner, stakers, treasury and sink are named, and the executor sends cash. */
  governance?: GovernanceParams;
}
