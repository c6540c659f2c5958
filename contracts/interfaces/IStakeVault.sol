// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What one mandate's signallers have together. Amounts of SAKSI have 18 decimals.
struct MandateStake {
    uint256 stakeSaksi; // answers for the mandate: signalled or leaving
    uint256 signalSaksi; // signalled: votes, and earns fees
    uint256 leavingSaksi; // on its way out or to another mandate
    uint256 rewardSaksi; // earned by scores, not yet passed on
    uint256 feesUsdE6; // paid in, not yet passed on
    uint256 rateRay; // SAKSI for one share, times 1e27
    uint32 lastEpoch; // the last one scored
    uint64 lastScoredAt;
    bool open; // takes new signals
}

/// @notice Stake of one account on its way out of one mandate.
struct LeavingStake {
    uint256 amountSaksi; // as of now; slashes and scores still change it
    uint64 readyAt; // 0: nothing is leaving
    bytes32 toMandateId; // where a move ends
    bool out; // leaves the vault instead
}

/// @notice Slashed stake in escrow.
struct SlashRecord {
    bytes32 mandateId;
    address recipient;
    uint256 amountSaksi;
    uint64 releasableAt;
    bool closed; // released or cancelled
}

/// @title Staked SAKSI: votes, allocation signal, and what answers for violations.
/// @dev `mandateId` 0 stands for stake that is signalled to nothing.
interface IStakeVault {
    event MandateListed(bytes32 indexed mandateId, uint256 count);
    event Staked(address indexed account, uint256 amountSaksi);
    event SignalMoved(
        address indexed account, bytes32 indexed fromMandateId, bytes32 indexed toMandateId, uint256 amountSaksi
    );
    event LeavingRequested(
        address indexed account,
        bytes32 indexed fromMandateId,
        bytes32 toMandateId,
        bool out,
        uint256 amountSaksi,
        uint64 readyAt
    );
    event LeavingCancelled(address indexed account, bytes32 indexed fromMandateId, uint256 amountSaksi);
    event Unstaked(address indexed account, bytes32 indexed fromMandateId, uint256 amountSaksi);
    event MandateStakeChanged(
        bytes32 indexed mandateId, uint256 oldStakeSaksi, uint256 newStakeSaksi, uint256 oldRateRay, uint256 newRateRay
    );
    event ScoreApplied(
        bytes32 indexed mandateId,
        uint32 indexed epoch,
        int256 givenBps,
        int256 appliedBps,
        uint256 rewardSaksi,
        uint256 burnedSaksi
    );
    event Slashed(
        uint256 indexed slashId,
        bytes32 indexed mandateId,
        address indexed recipient,
        uint256 amountSaksi,
        uint64 capturedAt,
        uint64 releasableAt,
        bytes32 reasonHash
    );
    event SlashReleased(uint256 indexed slashId, address indexed recipient, uint256 amountSaksi);
    event SlashCancelled(uint256 indexed slashId, uint256 amountSaksi);
    event ReserveChanged(uint256 oldReserveSaksi, uint256 newReserveSaksi);
    event FeesNotified(bytes32 indexed mandateId, address indexed from, uint256 amountUsdE6, uint64 endsAt);
    event FeesClaimed(address indexed account, bytes32 indexed mandateId, uint256 amountUsdE6);
    event CourtScheduled(address indexed newCourt, uint64 applicableAt);
    event CourtChanged(address indexed oldCourt, address indexed newCourt);
    event CourtCancelled(address indexed newCourt);
    event ScorerScheduled(address indexed newScorer, uint64 applicableAt);
    event ScorerChanged(address indexed oldScorer, address indexed newScorer);
    event ScorerCancelled(address indexed newScorer);

    error StakeUnauthorised(address caller);
    error StakeBadPeriod(uint256 givenSeconds, uint256 limitSeconds);
    error StakeZeroAmount();
    error StakeZeroAddress();
    error StakeAmountTooSmall(uint256 amountSaksi);
    error StakeInsufficient(uint256 wantedSaksi, uint256 heldSaksi);
    error StakeUnknownMandate(bytes32 mandateId);
    error StakeMandateListed(bytes32 mandateId);
    error StakeMandateClosed(bytes32 mandateId);
    error StakeTooManyMandates(uint256 limit);
    error StakeSameMandate(bytes32 mandateId);
    error StakeOtherDestination(bytes32 mandateId);
    error StakeNothingLeaving(address account, bytes32 mandateId);
    error StakeTooEarly(uint256 nowAt, uint256 notBefore);
    error StakeEpochScored(bytes32 mandateId, uint32 epoch, uint32 lastEpoch);
    error StakeCaptureOutOfRange(uint256 capturedAt, uint256 oldest, uint256 newest);
    error StakeUnknownSlash(uint256 slashId);
    error StakeNothingSignalled(bytes32 mandateId);
    error StakeNothingToClaim(address account, bytes32 mandateId);
    error StakeNothingScheduled();

    /* STAKERS */

    /// @notice Brings SAKSI in, signalled to nothing yet. It votes once its owner has delegated, to himself or another.
    function stake(uint256 amountSaksi) external;
    /// @notice Signals unsignalled stake to a listed mandate. From then on it answers for the mandate.
    function signal(bytes32 mandateId, uint256 amountSaksi) external;
    /// @notice Starts a move of signalled stake to another mandate, or with `toMandateId` 0 to none. It answers for the
    /// old mandate and votes for nobody until `finishMove` after `unbondingSeconds`.
    function moveSignal(bytes32 fromMandateId, bytes32 toMandateId, uint256 amountSaksi) external;
    function finishMove(bytes32 fromMandateId) external;
    /// @notice Starts the way out, for signalled stake or with `mandateId` 0 for unsignalled. A second request for the
    /// same mandate joins the first and starts its delay again.
    function requestUnstake(bytes32 mandateId, uint256 amountSaksi) external;
    /// @notice Takes back whatever is leaving the mandate, a move or a way out.
    function cancelUnstake(bytes32 mandateId) external;
    /// @notice Pays out what has waited for `unbondingSeconds`.
    function withdrawUnstaked(bytes32 mandateId) external;
    /// @notice Pays the caller's part of the fees of a mandate, in the fund's asset.
    function claimFees(bytes32 mandateId) external returns (uint256 amountUsdE6);

    /* ANYONE */

    /// @notice Passes on what has been earned until now, into the stake of the mandate and its fee account.
    function compound(bytes32 mandateId) external;
    /// @notice Adds SAKSI that rewards are paid from, out of the caller's allowance.
    function fundReserve(uint256 amountSaksi) external;
    /// @notice Pays fees to the signallers of a mandate, out of the caller's allowance; they flow for `streamSeconds`.
    function notifyFees(bytes32 mandateId, uint256 amountUsdE6) external;
    /// @notice Sends slashed stake to its recipient after the escrow.
    function releaseSlash(uint256 slashId) external;

    /* COURT AND SCORER */

    /// @notice Takes stake of a mandate for a violation (court only), at most what is slashable. Answers zeros and
    /// records nothing if nothing is slashable.
    /// @param capturedAt when the violation was put on record, unix seconds; at most `unbondingSeconds` ago.
    /// @param recipient who is compensated, in kind, after `escrowSeconds`.
    function slash(
        bytes32 mandateId,
        uint256 amountSaksi,
        uint64 capturedAt,
        address recipient,
        bytes32 reasonHash
    ) external returns (uint256 slashId, uint256 slashedSaksi);
    /// @notice Rewards or burns the stake of a mandate for an epoch, by the score cut to ±500 bps (scorer only).
    function applyScore(bytes32 mandateId, uint32 epoch, int256 scoreBps) external;

    /* OWNER AND GUARDIAN */

    /// @notice Lets a mandate be signalled to (owner). There is no way to unlist; at most `MAX_MANDATES`.
    function listMandate(bytes32 mandateId) external;
    /// @notice Stops a slash in escrow (owner). The stake goes to the reserve, not back: nobody votes himself free.
    function cancelSlash(uint256 slashId) external;
    /// @notice Names who may slash (owner): the first at once, every later one after `pointerDelaySeconds`.
    function scheduleCourt(address newCourt) external;
    function applyCourt() external;
    function cancelCourt() external;
    /// @notice Names who may score (owner): the first at once, every later one after `pointerDelaySeconds`.
    function scheduleScorer(address newScorer) external;
    function applyScorer() external;
    function cancelScorer() external;

    /* VIEWS */

    /// @notice SAKSI signalled to a mandate by everyone.
    function signalOf(bytes32 mandateId) external view returns (uint256 amountSaksi);
    /// @notice SAKSI signalled to any mandate.
    function totalSignal() external view returns (uint256 amountSaksi);
    /// @notice SAKSI signalled to a mandate by one account; with `mandateId` 0 what it has staked but not signalled.
    function signalOf(address account, bytes32 mandateId) external view returns (uint256 amountSaksi);
    /// @notice Everything an account has staked that is not leaving: what its delegate votes with.
    function stakedOf(address account) external view returns (uint256 amountSaksi);
    function leavingOf(address account, bytes32 mandateId) external view returns (LeavingStake memory);
    function mandateStake(bytes32 mandateId) external view returns (MandateStake memory);
    /// @notice What a slash for a violation of that time could take now.
    function slashable(bytes32 mandateId, uint64 capturedAt) external view returns (uint256 amountSaksi);
    function claimableFeesUsdE6(address account, bytes32 mandateId) external view returns (uint256);
    function slashRecord(uint256 slashId) external view returns (SlashRecord memory);
    function slashCount() external view returns (uint256);
    function mandateAt(uint256 index) external view returns (bytes32 mandateId);
    function mandateCount() external view returns (uint256);
    /// @notice The vault's SAKSI by what it is for. Their sum is its balance, donations aside.
    function accounts()
        external
        view
        returns (uint256 stakeSaksi, uint256 rewardSaksi, uint256 reserveSaksi, uint256 escrowSaksi);
    function court() external view returns (address);
    function scorer() external view returns (address);
    function unbondingSeconds() external view returns (uint64);
    function escrowSeconds() external view returns (uint64);
    function streamSeconds() external view returns (uint64);
    function scoreIntervalSeconds() external view returns (uint64);
    function pointerDelaySeconds() external view returns (uint64);
}
