// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The statement a model's publisher signs (EIP-712, domain "Saksi" version "1").
/// Times are unix seconds; 10000 bps = 1x. The digest of this struct is the prediction's id.
struct Prediction {
    bytes32 mandateId;
    bytes32 modelId;
    uint64 sequence;
    bytes32 previousId;
    uint64 observedAt;
    uint64 entryExpiresAt;
    uint64 horizonAt;
    uint64 settleBy;
    uint128 referencePriceE8;
    uint128 maxNotionalUsdE6;
    uint32 maxLeverageBps;
    uint128 maxLossUsdE6;
    uint32 confidencePpm;
    bytes32 riskSpecHash;
    bytes32 evidenceHash;
    bytes32 seal;
}

/// @notice What the seal hides. `side` 1 = long, 2 = short.
struct Reveal {
    bytes32 salt;
    uint8 side;
    uint128 entryLimitE8;
    uint128 stopE8;
    uint128 targetE8;
    uint128 qtyE8;
    uint32 leverageBps;
}

/// @notice Where a prediction stands. Disputed and Voided are the court's.
enum State {
    None,
    Registered,
    Approved,
    Rejected,
    Settled,
    Final,
    Cancelled,
    Expired,
    Disputed,
    Voided
}

/// @notice One prediction's record, unpacked. Fields that do not apply to the state are zero.
struct Record {
    State state;
    bytes32 mandateId;
    uint64 sequence;
    uint64 entryExpiresAt;
    uint64 settleBy;
    uint64 approvedAt;
    uint32 epoch;
    uint8 level;
    uint8 flags;
    bool revoked;
    uint128 maxNotionalUsdE6;
    uint128 maxLossUsdE6;
    uint32 reasonBits;
    uint16 attesterReason;
    int128 pnlE8;
    uint32 settlementFlags;
    uint64 finalizableAt;
    bytes14 settlementTag; // first bytes of the settlement payload's hash
}

/// @notice What the validator knows about one mandate.
struct MandateState {
    uint32 index;
    address operator;
    bytes32 venueAccountHash;
    bytes32 marketHash;
    uint64 lastSequence;
    bytes32 lastId;
    uint16 openCount;
    uint128 openNotionalUsdE6;
    uint128 reservedLossUsdE6;
    int128 pnlE8;
    int128 peakPnlE8;
    uint64 countUsedScaled;
    uint128 notionalUsedScaled;
    uint64 bucketAt;
}

/// @notice The rules of one mandate. Zero caps allow nothing.
struct Limits {
    uint64 maxNotionalUsdE6; // of all open predictions together
    uint64 maxLossUsdE6; // of one prediction
    uint64 lossBudgetUsdE6; // of all open predictions together
    uint64 ratePerDayNotionalUsdE6; // token bucket, refilled evenly over a day
    bool active;
    uint16 ratePerDayCount; // token bucket, refilled evenly over a day
    uint16 maxOpen;
    uint24 maxLeverageBps; // 10000 = 1x
    uint24 minConfidencePpm;
    uint16 maxDrawdownBps; // of allocation plus peak profit
    uint16 minBondBps; // operator bond as a share of the allocation; 0 asks for no bond
    uint8 requiredFlags;
    uint8 minLevel;
    uint16 priceBandBps; // reference price against the feed, at approval
    uint16 entryBandBps; // entry limit against the reference price
    uint16 fillBandBps; // average fill against the bracketing round, at settlement
    uint32 maxAgeSeconds; // of the observation, at approval
    uint32 feedHeartbeatSeconds;
    address feed;
    uint64 allocationUsdE6; // the base of drawdown and of the bond's share
    uint32 settleGraceSeconds; // after settleBy, before anyone may expire
    uint32 disputeWindowSeconds;
    uint64 expiryPenaltyUsdE6;
}

/// @notice Everything the policy needs to judge one prediction; state is supplied by the validator.
struct RiskInput {
    bytes32 mandateId;
    uint256 observedAt;
    uint256 entryExpiresAt;
    uint256 attestationExpiresAt;
    uint256 referencePriceE8;
    uint256 entryDeviationBps;
    uint256 maxNotionalUsdE6;
    uint256 maxLossUsdE6;
    uint256 leverageBps;
    uint256 confidencePpm;
    uint256 level;
    uint256 flags;
    uint256 openCount;
    uint256 openNotionalUsdE6;
    uint256 reservedLossUsdE6;
    int256 pnlE8;
    int256 peakPnlE8;
    uint256 countUsedScaled;
    uint256 notionalUsedScaled;
    uint256 bucketAt;
}
