import {
  AbiCoder,
  concat,
  getBytes,
  type Interface,
  id,
  keccak256,
  Signature,
  toBeHex,
  Wallet,
  ZeroHash,
  zeroPadValue,
} from "ethers";
import { network } from "hardhat";
import { deploySaksi } from "../../../src/adapters/evm/deploy.ts";
import type { DeploymentParams, MandateLimits } from "../../../src/adapters/evm/deployment-params.ts";

export const MARKET = "weex:BTCUSDT";
export const ACCOUNT = id("weex:1001");
export const MODEL = id("model one");
export const E6 = 1_000_000n;
export const E8 = 100_000_000n;
export const PRICE = 60_000n * E8;
export const DAY = 86_400n;
export const FLAGS = { INPUTS: 1, FEATURES: 2, INFERENCE: 4, SIZING: 8, PRICE: 16, DIRECTION: 32 };
export const PRIVATE_MODEL = id("private model");
export const STATUS = {
  APPROVED: 1,
  REJECTED: 2,
  SETTLED: 3,
  CANCELLED: 4,
  REGISTERED: 5,
  ALREADY_KNOWN: 10,
  UNKNOWN_DIGEST: 11,
  WRONG_SEQUENCE: 12,
  WRONG_DOMAIN: 13,
  PAYLOAD_MISMATCH: 14,
  DIRTY_BITS: 15,
  BAD_SIGNATURE: 16,
  UNKNOWN_MANDATE: 17,
  TOO_EARLY: 18,
  BAD_ROUNDS: 19,
  BAD_REVEAL: 20,
  STATEMENT_EXPIRED: 21,
  NOT_OPEN: 22,
};
export const STATE = {
  None: 0n,
  Registered: 1n,
  Approved: 2n,
  Rejected: 3n,
  Settled: 4n,
  Final: 5n,
  Cancelled: 6n,
  Expired: 7n,
  Disputed: 8n,
  Voided: 9n,
};
export const REASON: Record<string, bigint> = Object.fromEntries(
  [
    "REVEAL_MISMATCH",
    "STOP_SIDE",
    "STOP_DISTANCE",
    "REVEAL_NOTIONAL",
    "TIMES_DISORDERED",
    "LEVERAGE_CAP",
    "NOTIONAL_CAP",
    "LOSS_CAP",
    "CONFIDENCE_LOW",
    "ENTRY_BAND",
    "MODEL_INACTIVE",
    "MANDATE_INACTIVE",
    "STALE",
    "LOSS_BUDGET",
    "OPEN_LIMIT",
    "RATE_COUNT",
    "RATE_NOTIONAL",
    "DRAWDOWN",
    "PRICE_BAND",
    "FEED_STALE",
    "HALTED",
    "FLAGS_MISSING",
    "ASSURANCE_LOW",
    "BOND_LOW",
    "EPOCH_END",
    "ATTESTATION_REFUSED",
    "UNATTESTED",
    "SEALED_PUBLIC_MODEL",
  ].map((name, bit) => [name, 1n << BigInt(bit)]),
);
REASON.SEQUENCE_UNEXPECTED = 1n << 31n;

export const PREDICTION_TYPES = {
  Prediction: [
    "bytes32 mandateId",
    "bytes32 modelId",
    "uint64 sequence",
    "bytes32 previousId",
    "uint64 observedAt",
    "uint64 entryExpiresAt",
    "uint64 horizonAt",
    "uint64 settleBy",
    "uint128 referencePriceE8",
    "uint128 maxNotionalUsdE6",
    "uint32 maxLeverageBps",
    "uint128 maxLossUsdE6",
    "uint32 confidencePpm",
    "bytes32 riskSpecHash",
    "bytes32 evidenceHash",
    "bytes32 seal",
  ].map((field) => ({ type: field.split(" ")[0]!, name: field.split(" ")[1]! })),
};

export interface Prediction {
  mandateId: string;
  modelId: string;
  sequence: bigint;
  previousId: string;
  observedAt: bigint;
  entryExpiresAt: bigint;
  horizonAt: bigint;
  settleBy: bigint;
  referencePriceE8: bigint;
  maxNotionalUsdE6: bigint;
  maxLeverageBps: bigint;
  maxLossUsdE6: bigint;
  confidencePpm: bigint;
  riskSpecHash: string;
  evidenceHash: string;
  seal: string;
}

export interface Reveal {
  salt: string;
  side: number;
  entryLimitE8: bigint;
  stopE8: bigint;
  targetE8: bigint;
  qtyE8: bigint;
  leverageBps: bigint;
}

export interface Fills {
  fillsRoot: string;
  entryQuoteE8: bigint;
  exitQuoteE8: bigint;
  qtyE8: bigint;
  feeE8: bigint;
  fundingE8: bigint;
  entryLastAt: bigint;
  exitLastAt: bigint;
  entryFirstAt: bigint;
  observedAt: bigint;
  expiresAt: bigint;
  entryFills: bigint;
  exitFills: bigint;
  flags: bigint;
  epoch: bigint;
  account: string;
}

export const LIMITS: MandateLimits = {
  active: true,
  maxNotionalUsdE6: 20_000n * E6,
  maxLossUsdE6: 200n * E6,
  lossBudgetUsdE6: 400n * E6,
  ratePerDayNotionalUsdE6: 200_000n * E6,
  ratePerDayCount: 48,
  maxOpen: 1,
  maxLeverageBps: 30_000,
  minConfidencePpm: 520_000,
  maxDrawdownBps: 1000,
  minBondBps: 500,
  requiredFlags: 0x1f,
  minLevel: 2,
  priceBandBps: 100,
  entryBandBps: 50,
  fillBandBps: 100,
  maxAgeSeconds: 120,
  feedHeartbeatSeconds: 300,
  allocationUsdE6: 50_000n * E6,
  settleGraceSeconds: 60,
  disputeWindowSeconds: 120,
  expiryPenaltyUsdE6: 10n * E6,
};

export const EPOCH = 4n * 3600n;
export const CLOSE_DELAY = 60n;
const coder = AbiCoder.defaultAbiCoder();
const wallet = (name: string) => new Wallet(id(name));
const word = (...parts: [bigint, number][]) =>
  toBeHex(
    parts.reduce((all, [value, bits]) => (all << BigInt(bits)) | BigInt.asUintN(bits, value), 0n),
    32,
  );

/** A contract by its ABI: whatever method it has. */
export interface Live {
  // biome-ignore lint/suspicious/noExplicitAny: the ABI decides at run time
  [member: string]: any;
  interface: Interface;
  target: string;
}

export interface WorldOptions {
  limits?: Partial<MandateLimits>;
  params?: Partial<DeploymentParams>;
  /** Keys of the five attesters, by name. */
  attesters?: string[];
  /** Of a chain other than the usual one. */
  chainId?: number;
  /** The time of the first block; the present one unless given. */
  startsAt?: Date;
}

/** A chain of its own with everything deployed, and the gestures of everyone who acts on it. */
export async function createWorld(options: WorldOptions = {}) {
  const { chainId: other, startsAt } = options;
  const connection = await network.create({
    network: "default",
    override: {
      ...(other !== undefined && { chainId: other }),
      ...(startsAt && { initialDate: startsAt }),
    },
  });
  const { ethers, networkHelpers } = connection;
  const { time } = networkHelpers;
  const signers = await ethers.getSigners();
  const [
    deployer,
    owner,
    guardian,
    executor,
    operator,
    feeder,
    gelato,
    stranger,
    depositor,
    second,
    venue,
    stakers,
  ] = signers as typeof signers & { length: 12 };
  const treasury = signers[12]!;
  const publisher = wallet("publisher");
  const attesters = (options.attesters ?? ["a1", "a2", "a3", "a4", "a5"]).map(wallet);
  const start = BigInt(await time.latest());
  const firstSnapshotAt = ((start + EPOCH) / 60n) * 60n;
  const params: DeploymentParams = {
    owner: deployer!.address,
    guardian: guardian!.address,
    executor: executor!.address,
    operator: operator!.address,
    feeder: feeder!.address,
    attesters: attesters.map((a) => a.address),
    threshold: 3,
    venueAccountHash: ACCOUNT,
    firstSnapshotAt,
    epochLengthSeconds: EPOCH,
    policyDelaySeconds: 600n,
    loosenDelaySeconds: 120n,
    maxPauseSeconds: 7n * DAY,
    signerDelaySeconds: 300n,
    modelActivationDelaySeconds: 0n,
    feeReservePpm: 800,
    vault: {
      venueDeposit: venue!.address,
      stakers: stakers!.address,
      treasury: treasury.address,
      venueCapUsdE6: 80_000n * E6,
      residualToleranceE8: E8,
      bondReleaseDelaySeconds: 600n,
      silenceSeconds: 2n * DAY,
      minDepositUsdE6: E6,
      maxDepositUsdE6: 1_000_000n * E6,
      redeemCapBps: 10_000,
      minBondBps: 500,
      performanceFeeBps: 2000,
      operatorShareBps: 5000,
      stakersShareBps: 3000,
    },
    markets: [{ market: MARKET, limits: { ...LIMITS, ...options.limits } }],
    models: [{ modelId: MODEL, publisher: publisher.address, isPrivate: false }],
    mints: [operator, depositor, second, venue].map((s) => ({
      to: s!.address,
      amountUsdE6: 1_000_000n * E6,
    })),
    gelatoExecutor: gelato!.address,
    functions: {
      requester: executor!.address,
      subscriptionId: 7n,
      donId: id("don"),
      callbackGasLimit: 300_000,
      sourceHash: id("return 1"),
      timeoutSeconds: 300n,
    },
    court: {
      sink: signers[13]!.address,
      bondUsdE6: 101n * E6 + 1n,
      reviewSeconds: 600n,
      rulingSeconds: 1200n,
      reviewerDelaySeconds: 900n,
      slashBps: 500,
      attesterMinBondUsdE6: 1_000n * E6,
      attesterUnbondingSeconds: 7_200n,
    },
    ...options.params,
  };
  const artifactsDir = new URL("../../../artifacts", import.meta.url).pathname;
  const deployment = await deploySaksi({ deployer: deployer!, params, artifactsDir });
  const at = async (name: string, address: string) =>
    (await ethers.getContractAt(name, address)) as unknown as Live;
  const { addresses } = deployment;
  const [
    validator,
    policy,
    registry,
    quorum,
    vault,
    bondVault,
    usd,
    feed,
    gelatoAttester,
    functions,
    router,
    court,
    bonds,
  ] = await Promise.all([
    at("PredictionValidator", addresses.PredictionValidator),
    at("RiskPolicy", addresses.RiskPolicy),
    at("ModelRegistry", addresses.ModelRegistry),
    at("QuorumAttester", addresses.QuorumAttester),
    at("FundVault", addresses.FundVault),
    at("BondVault", addresses.BondVault),
    at("MockUsd", deployment.asset),
    at("VenuePriceFeed", deployment.feeds[MARKET]!),
    at("GelatoAttester", addresses.GelatoAttester!),
    at("FunctionsAttester", addresses.FunctionsAttester!),
    at("MockFunctionsRouter", addresses.MockFunctionsRouter!),
    at("DisputeCourt", addresses.DisputeCourt!),
    at("AttesterBonds", addresses.AttesterBonds!),
  ]);
  const mandateId = deployment.mandates[MARKET]!;
  const chainId = deployment.chainId;

  const now = async () => BigInt(await time.latest());
  const after = async (seconds: bigint) => {
    await time.increase(seconds);
  };
  const until = async (timestamp: bigint) => {
    await time.increaseTo(timestamp);
  };

  /* the feed */
  const push = async (priceE8: bigint, at?: bigint) => {
    await feed.connect(feeder!).push(priceE8, at ?? (await now()));
  };

  /* predictions */
  const domain = {
    name: "Saksi",
    version: "1",
    chainId,
    verifyingContract: addresses.PredictionValidator,
  };
  const reveal = (over: Partial<Reveal> = {}): Reveal => ({
    salt: id("salt"),
    side: 1,
    entryLimitE8: PRICE + 60n * E8,
    stopE8: PRICE - 600n * E8,
    targetE8: PRICE + 1200n * E8,
    qtyE8: E8 / 10n,
    leverageBps: 10_000n,
    ...over,
  });
  const sealOf = (mandate: string, sequence: bigint, r: Reveal) =>
    keccak256(
      coder.encode(
        [
          "bytes32",
          "uint256",
          "address",
          "bytes32",
          "uint64",
          "bytes32",
          "uint8",
          "uint128",
          "uint128",
          "uint128",
          "uint128",
          "uint32",
        ],
        [
          id(
            "Seal(uint256 chainId,address validator,bytes32 mandateId,uint64 sequence,bytes32 salt,uint8 side,uint128 entryLimitE8,uint128 stopE8,uint128 targetE8,uint128 qtyE8,uint32 leverageBps)",
          ),
          chainId,
          addresses.PredictionValidator,
          mandate,
          sequence,
          r.salt,
          r.side,
          r.entryLimitE8,
          r.stopE8,
          r.targetE8,
          r.qtyE8,
          r.leverageBps,
        ],
      ),
    );
  /** The mandate's next prediction, valid unless overridden. */
  const predict = async (over: Partial<Prediction> = {}, r: Reveal = reveal()): Promise<Prediction> => {
    const mandate = await validator.mandate(over.mandateId ?? mandateId);
    const observedAt = over.observedAt ?? (await now());
    const sequence = over.sequence ?? mandate.lastSequence + 1n;
    return {
      mandateId,
      modelId: MODEL,
      previousId: mandate.lastId,
      observedAt,
      entryExpiresAt: observedAt + 60n,
      horizonAt: observedAt + 600n,
      settleBy: observedAt + 900n,
      referencePriceE8: PRICE,
      maxNotionalUsdE6: 10_000n * E6,
      maxLeverageBps: 20_000n,
      maxLossUsdE6: 100n * E6,
      confidencePpm: 600_000n,
      riskSpecHash: id("risk spec"),
      evidenceHash: id("evidence"),
      seal: sealOf(over.mandateId ?? mandateId, sequence, r),
      ...over,
      sequence,
    };
  };
  const digest = (p: Prediction) => ethers.TypedDataEncoder.hash(domain, PREDICTION_TYPES, p);
  const sign = (p: Prediction, by: Wallet = publisher) => by.signTypedData(domain, PREDICTION_TYPES, p);

  /* payloads */
  const attestation = (
    p: Prediction,
    over: Partial<{
      domain: string;
      digest: string;
      evidenceHash: string;
      priceE8: bigint;
      observedAt: bigint;
      expiresAt: bigint;
      verdict: bigint;
      reason: bigint;
      flags: bigint;
      packed: bigint;
    }> = {},
  ) => {
    const packed =
      over.packed ?? (over.verdict ?? 1n) | ((over.reason ?? 0n) << 8n) | ((over.flags ?? 0x1fn) << 24n);
    const payloadDomain = keccak256(
      coder.encode(
        ["bytes32", "uint256", "uint256", "address"],
        [id("SaksiAttestationPayload"), 1n, chainId, addresses.PredictionValidator],
      ),
    );
    return coder.encode(
      ["bytes32", "bytes32", "bytes32", "int192", "uint64", "uint64", "uint256"],
      [
        over.domain ?? payloadDomain,
        over.digest ?? digest(p),
        over.evidenceHash ?? p.evidenceHash,
        over.priceE8 ?? p.referencePriceE8,
        over.observedAt ?? p.observedAt,
        over.expiresAt ?? p.entryExpiresAt,
        packed,
      ],
    );
  };
  const settlement = (p: Prediction, f: Fills, payloadDomain?: string) =>
    concat([
      payloadDomain ??
        keccak256(
          coder.encode(
            ["bytes32", "uint256", "uint256", "address"],
            [id("SaksiSettlementPayload"), 1n, chainId, addresses.PredictionValidator],
          ),
        ),
      digest(p),
      f.fillsRoot,
      word([f.entryQuoteE8, 128], [f.exitQuoteE8, 128]),
      word([f.qtyE8, 128], [f.feeE8, 128]),
      word([f.fundingE8, 128], [f.entryLastAt, 64], [f.exitLastAt, 64]),
      word(
        [f.entryFirstAt, 64],
        [f.observedAt, 64],
        [f.expiresAt, 64],
        [f.entryFills, 16],
        [f.exitFills, 16],
        [f.flags, 32],
      ),
      concat([getBytes(f.account).slice(0, 24), toBeHex(f.epoch, 8)]),
    ]);
  const statement = async (
    over: Partial<{
      domain: string;
      epoch: bigint;
      equityE8: bigint;
      sentE6: bigint;
      returnedE6: bigint;
      snapshotAt: bigint;
      observedAt: bigint;
      expiresAt: bigint;
      account: string;
    }> = {},
  ) => {
    const epoch = over.epoch ?? (await validator.currentEpoch());
    const snapshotAt = over.snapshotAt ?? (await validator.snapshotAt());
    const flows = await vault.transfersOf(epoch);
    const observedAt = over.observedAt ?? (await now());
    return coder.encode(
      ["bytes32", "uint256", "int256", "bytes32", "bytes32", "bytes32", "bytes32"],
      [
        over.domain ?? (await vault.epochDomain()),
        epoch,
        over.equityE8 ?? 0n,
        word([over.sentE6 ?? flows.sentUsdE6, 128], [over.returnedE6 ?? flows.returnedUsdE6, 128]),
        word([snapshotAt, 64], [observedAt, 64], [over.expiresAt ?? observedAt + 600n, 64], [0n, 64]),
        id("all fills"),
        over.account ?? ACCOUNT,
      ],
    );
  };

  /* the quorum */
  const quorumDomain = {
    name: "SaksiQuorum",
    version: "1",
    chainId,
    verifyingContract: addresses.QuorumAttester,
  };
  const signaturesOf = async (
    kind: "Attestation" | "SettlementAttestation" | "EpochAttestation",
    payload: string,
    by: Wallet[] = attesters.slice(0, 3),
    over: { epoch?: bigint; sorted?: boolean; domain?: typeof quorumDomain } = {},
  ) => {
    const types = {
      [kind]: [
        { name: "payloadHash", type: "bytes32" },
        { name: "signerSetEpoch", type: "uint64" },
      ],
    };
    const message = {
      payloadHash: keccak256(payload),
      signerSetEpoch: over.epoch ?? (await quorum.signerSetEpoch()),
    };
    const members =
      over.sorted === false ? by : [...by].sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
    return concat(
      members.map(
        (m) => Signature.from(signTyped(m, over.domain ?? quorumDomain, types, message)).serialized,
      ),
    );
  };
  const signTyped = (
    by: Wallet,
    typedDomain: typeof quorumDomain,
    types: Record<string, { name: string; type: string }[]>,
    message: Record<string, unknown>,
  ) => by.signingKey.sign(ethers.TypedDataEncoder.hash(typedDomain, types, message));

  /** Sends and returns the receipt, its decoded events and the transaction's status code. */
  const outcome = async (sent: Promise<{ wait(): Promise<unknown> }>) => {
    const receipt = (await (await sent).wait()) as import("ethers").ContractTransactionReceipt;
    const events = receipt.logs.flatMap((log) => {
      for (const contract of [validator, policy, vault, bondVault, quorum, functions, router, court, bonds]) {
        const parsed = contract.interface.parseLog(log);
        if (parsed !== null && log.address === contract.target) return [parsed];
      }
      return [];
    });
    const find = (name: string) => events.find((event) => event.name === name);
    const status = find("AttestationIgnored")?.args.status;
    return {
      receipt,
      events,
      find,
      ignored: status === undefined ? undefined : Number(status),
      gas: receipt.gasUsed,
    };
  };

  const attest = async (
    p: Prediction,
    r: Reveal = reveal(),
    over: { payload?: string; signature?: string; signatures?: string } = {},
  ) => {
    const payload = over.payload ?? attestation(p);
    const signatures = over.signatures ?? (await signaturesOf("Attestation", payload));
    const signature = over.signature ?? (await sign(p));
    return outcome(quorum.connect(stranger!).attest(p, signature, r, payload, signatures));
  };
  const attestSealed = async (
    p: Prediction,
    over: { payload?: string; signature?: string; signatures?: string } = {},
  ) => {
    const payload = over.payload ?? attestation(p, { flags: 0x3fn });
    const signatures = over.signatures ?? (await signaturesOf("Attestation", payload));
    const signature = over.signature ?? (await sign(p));
    return outcome(quorum.connect(stranger!).attestSealed(p, signature, payload, signatures));
  };
  /** Predicts and gets it approved, or fails the test. */
  const approve = async (over: Partial<Prediction> = {}, r: Reveal = reveal()) => {
    const p = await predict(over, r);
    const result = await attest(p, r);
    if (result.find("PredictionApproved") === undefined) {
      const bits = result.find("PredictionRejected")?.args.reasonBits ?? 0n;
      throw new Error(`not approved: ${await policy.reasonText(bits)}, status ${result.ignored}`);
    }
    return { p, r, id: digest(p), result };
  };

  const fillsOf = async (p: Prediction, r: Reveal, over: Partial<Fills> = {}): Promise<Fills> => {
    const record = await validator.record(digest(p));
    const entryLastAt = over.entryLastAt ?? record.approvedAt + 5n;
    const exitLastAt = over.exitLastAt ?? entryLastAt + 60n;
    return {
      fillsRoot: id("fills"),
      entryQuoteE8: (PRICE * r.qtyE8) / E8,
      exitQuoteE8: ((PRICE + 300n * E8) * r.qtyE8) / E8,
      qtyE8: r.qtyE8,
      feeE8: 5n * E8,
      fundingE8: 0n,
      entryFirstAt: record.approvedAt + 2n,
      observedAt: exitLastAt + 5n,
      expiresAt: exitLastAt + 100_000n,
      entryFills: 2n,
      exitFills: 1n,
      flags: 0n,
      epoch: record.epoch,
      account: ACCOUNT,
      ...over,
      entryLastAt,
      exitLastAt,
    };
  };
  const nothing = async (p: Prediction, over: Partial<Fills> = {}): Promise<Fills> => {
    const record = await validator.record(digest(p));
    return {
      fillsRoot: ZeroHash,
      entryQuoteE8: 0n,
      exitQuoteE8: 0n,
      qtyE8: 0n,
      feeE8: 0n,
      fundingE8: 0n,
      entryLastAt: 0n,
      exitLastAt: 0n,
      entryFirstAt: 0n,
      observedAt: p.entryExpiresAt,
      expiresAt: p.entryExpiresAt + 100_000n,
      entryFills: 0n,
      exitFills: 0n,
      flags: 0n,
      epoch: record.epoch,
      account: ACCOUNT,
      ...over,
    };
  };
  const settle = async (
    p: Prediction,
    r: Reveal,
    f: Fills,
    over: {
      entryRound?: bigint;
      exitRound?: bigint;
      payload?: string;
      signatures?: string;
      by?: Wallet[];
    } = {},
  ) => {
    const payload = over.payload ?? settlement(p, f);
    const signatures = over.signatures ?? (await signaturesOf("SettlementAttestation", payload, over.by));
    const entryRound = over.entryRound ?? (await feed.roundAt(f.entryLastAt));
    const exitRound = over.exitRound ?? (await feed.roundAt(f.exitLastAt));
    return outcome(quorum.connect(stranger!).settle(p, r, payload, entryRound, exitRound, signatures));
  };
  const cancel = async (p: Prediction, f: Fills, over: { payload?: string; by?: Wallet[] } = {}) => {
    const payload = over.payload ?? settlement(p, f);
    const signatures = await signaturesOf("SettlementAttestation", payload, over.by);
    return outcome(quorum.connect(stranger!).cancel(p, payload, signatures));
  };
  /** Approves a trip, lets it run with a feed round before each leg, and settles it. */
  const trip = async (over: Partial<Fills> = {}, r: Reveal = reveal()) => {
    await push(PRICE);
    const { p, id: predictionId } = await approve({}, r);
    const f = await fillsOf(p, r, over);
    await until(f.entryLastAt + 10n);
    await push(PRICE + 100n * E8, f.entryLastAt + 1n);
    await until(f.exitLastAt + 10n);
    await push(PRICE + 100n * E8, f.exitLastAt + 1n);
    const result = await settle(p, r, f);
    if (result.find("PredictionSettled") === undefined)
      throw new Error(`not settled: status ${result.ignored}`);
    return {
      p,
      r,
      f,
      id: predictionId,
      result,
      pnlE8: result.find("PredictionSettled")!.args.pnlE8 as bigint,
    };
  };
  const closeEpoch = async (over: Parameters<typeof statement>[0] = {}, by?: Wallet[]) => {
    const payload = await statement(over);
    const signatures = await signaturesOf("EpochAttestation", payload, by);
    return outcome(quorum.connect(stranger!).closeEpoch(payload, signatures));
  };

  /* money */
  const fund = async (amounts: { bond?: bigint; deposit?: bigint; venue?: bigint } = {}) => {
    for (const who of [operator, depositor, second, venue]) {
      await usd.connect(who!).approve(vault.target, 10n ** 15n);
      await usd.connect(who!).approve(bondVault.target, 10n ** 15n);
    }
    const { bond = 5_000n, deposit = 100_000n, venue: send = 50_000n } = amounts;
    if (bond > 0n) await bondVault.connect(operator!).postBond(bond * E6);
    if (deposit > 0n) await vault.connect(depositor!).seedUsdE6(deposit * E6);
    if (send > 0n) await vault.connect(executor!).sendToVenue(send * E6);
  };

  let mark = await networkHelpers.takeSnapshot();
  const keep = async () => {
    mark = await networkHelpers.takeSnapshot();
  };
  const back = () => mark.restore();

  return {
    connection,
    ethers,
    networkHelpers,
    time,
    deployment,
    params,
    mandateId,
    chainId,
    domain,
    quorumDomain,
    validator,
    policy,
    registry,
    quorum,
    vault,
    bondVault,
    usd,
    feed,
    gelatoAttester,
    functions,
    router,
    court,
    bonds,
    sink: signers[13]!,
    deployer: deployer!,
    owner: deployer!,
    newOwner: owner!,
    guardian: guardian!,
    executor: executor!,
    operator: operator!,
    feeder: feeder!,
    gelato: gelato!,
    stranger: stranger!,
    depositor: depositor!,
    second: second!,
    venue: venue!,
    stakers: stakers!,
    treasury,
    publisher,
    attesters,
    signers,
    now,
    after,
    until,
    push,
    reveal,
    sealOf,
    predict,
    digest,
    sign,
    attestation,
    settlement,
    statement,
    signaturesOf,
    outcome,
    attest,
    attestSealed,
    approve,
    fillsOf,
    nothing,
    settle,
    cancel,
    trip,
    closeEpoch,
    fund,
    keep,
    back,
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

export { coder, id, toBeHex, wallet, word, ZeroHash, zeroPadValue };
