/** What can happen to a fund, and how a random history of it is drawn. */
import fc from "fast-check";

export const KINDS = [
  "requestDeposit",
  "requestDeposit",
  "requestDepositFor",
  "cancelDeposit",
  "claimShares",
  "claimSharesPart",
  "mintPart",
  "requestRedeem",
  "requestRedeem",
  "requestRedeem",
  "requestRedeemFrom",
  "cancelRedeem",
  "claimRedeem",
  "claimRedeemPart",
  "withdrawPart",
  "transferShares",
  "donateShares",
  "donate",
  "postBond",
  "requestRelease",
  "releaseBond",
  "send",
  "giveBack",
  "trip",
  "trip",
  "expire",
  "nothingFilled",
  "dispute",
  "dispute",
  "claimFees",
  "setFee",
  "setRedeemCap",
  "setVenueCap",
  "setDepositLimits",
  "setAllocator",
  "late",
  "close",
  "close",
  "close",
  "close",
  "unequalTransfers",
  "windDown",
  "callBond",
  "redeemInWindDown",
  "silence",
] as const;
export type Kind = (typeof KINDS)[number];

export interface Step {
  kind: Kind;
  /** Whose step, of three depositors. */
  who: number;
  /** A part of what there is, in millionths, and units beside it that make amounts odd. */
  part: number;
  odd: number;
  /** Of a close: whether the venue's equity is what the results explain. */
  off: number;
}

const MAKES_OR_MOVES_PROFIT: readonly Kind[] = [
  "trip",
  "expire",
  "nothingFilled",
  "dispute",
  "windDown",
  "callBond",
  "redeemInWindDown",
  "silence",
  "donate",
  "donateShares",
  "transferShares",
  "requestRedeemFrom",
  "requestDepositFor",
];
/** Steps that move no profit, and nothing from one person to another: whoever comes and goes may not gain. */
export const FLOW_KINDS: readonly Kind[] = KINDS.filter((kind) => !MAKES_OR_MOVES_PROFIT.includes(kind));

export const stepOf = (kinds: readonly Kind[]) =>
  fc.record({
    kind: fc.constantFrom(...kinds),
    who: fc.integer({ min: 0, max: 2 }),
    part: fc.integer({ min: 1, max: 1_000_000 }),
    odd: fc.integer({ min: 0, max: 999_999 }),
    off: fc.oneof(
      { weight: 5, arbitrary: fc.constant(0) },
      { weight: 2, arbitrary: fc.integer({ min: -99, max: 99 }) },
      { weight: 2, arbitrary: fc.integer({ min: -3_000, max: 20_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: -60_000, max: 0 }) },
    ),
  });

/** How often each kind of step was taken by contracts and model; a kind that never is would prove nothing. */
export type Tally = Partial<Record<Kind, number>>;

/** The state of a history that decides what a step needs before it can be taken. */
export interface Before {
  someoneDeposited: boolean;
  someoneCanClaimCash: boolean;
  someoneCanBeDisputed: boolean;
}

/** Steps to take first; only some ask for them, so that refusals are lived through as well. */
export const prelude = ({ kind, odd }: Step, before: Before): Partial<Step>[] => {
  if (odd % 4 !== 1) return [];
  switch (kind) {
    case "cancelDeposit":
      return [{ kind: "requestDeposit" }];
    case "cancelRedeem":
      return [{ kind: "requestRedeem" }];
    case "claimShares":
    case "claimSharesPart":
    case "mintPart":
      return before.someoneDeposited ? [] : [{ kind: "requestDeposit" }, { kind: "close" }];
    case "claimRedeem":
    case "claimRedeemPart":
    case "withdrawPart":
      return before.someoneCanClaimCash ? [] : [{ kind: "requestRedeem" }, { kind: "close" }];
    case "dispute":
      return before.someoneCanBeDisputed ? [] : [{ kind: odd % 8 === 1 ? "trip" : "expire" }];
    case "releaseBond":
      return [{ kind: "requestRelease" }, { kind: "close" }];
    case "callBond":
      return odd % 8 === 1
        ? [{ kind: "windDown", odd: 0 }, { kind: "close" }, { kind: "silence", odd: 0 }]
        : [];
    case "redeemInWindDown":
      return odd % 8 === 1 ? [{ kind: "windDown", odd: 0 }] : [];
    default:
      return [];
  }
};
