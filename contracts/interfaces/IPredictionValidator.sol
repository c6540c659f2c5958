// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttestationSink} from "./IAttestationSink.sol";
import {MandateState, Prediction, Record, Reveal, State} from "./Types.sol";

/// @title The record of every prediction and the gate before every order.
interface IPredictionValidator is IAttestationSink {
    /* EVENTS */

    event MandateRegistered(
        bytes32 indexed mandateId,
        uint32 index,
        bytes32 venueAccountHash,
        bytes32 marketHash,
        address indexed operator
    );
    event AdapterChanged(
        address indexed adapter,
        uint8 oldLevel,
        uint8 newLevel,
        uint8 oldFlagsMask,
        uint8 newFlagsMask,
        bool oldMaySettle,
        bool newMaySettle
    );
    event ExecutorChanged(address indexed oldExecutor, address indexed newExecutor);
    event VaultSet(address indexed vault);
    event PolicyScheduled(address indexed newPolicy, uint64 applicableAt);
    event PolicyChanged(address indexed oldPolicy, address indexed newPolicy);
    event CourtScheduled(address indexed newCourt, uint64 applicableAt);
    event CourtChanged(address indexed oldCourt, address indexed newCourt);
    event EpochRolled(uint32 indexed closedEpoch, uint32 newEpoch, uint64 oldSnapshotAt, uint64 newSnapshotAt);

    /// @notice A signed prediction is known and waits for a verdict.
    event AttestationRequested(bytes32 indexed digest, bytes32 requestId, uint64 deadline);
    /// @notice A delivery changed nothing; `status` says why.
    event AttestationIgnored(bytes32 indexed digest, address indexed adapter, uint8 status);

    event PredictionApproved(
        bytes32 indexed id,
        bytes32 indexed mandateId,
        address indexed adapter,
        uint64 sequence,
        uint64 approvedAt,
        uint64 entryExpiresAt,
        uint64 settleBy,
        uint128 maxNotionalUsdE6,
        uint128 maxLossUsdE6,
        uint32 epoch,
        uint8 level,
        uint8 flags,
        bytes32 head
    );
    event PredictionRejected(
        bytes32 indexed id,
        bytes32 indexed mandateId,
        uint64 sequence,
        uint256 reasonBits,
        uint16 attesterReason,
        bytes32 head
    );
    event ApprovalRevoked(bytes32 indexed id, address indexed by, bytes32 head);
    /// @param flags low 16 bits found by the contract (`SettlementFlags`), high 16 bits reported by the attesters.
    event PredictionSettled(
        bytes32 indexed id,
        bytes32 indexed mandateId,
        int128 pnlE8,
        uint32 flags,
        uint64 finalizableAt,
        bytes32 fillsRoot,
        bytes32 settlementHash,
        bytes32 head
    );
    event PredictionCancelled(bytes32 indexed id, bytes32 indexed mandateId, bytes32 settlementHash, bytes32 head);
    event PredictionExpired(
        bytes32 indexed id,
        bytes32 indexed mandateId,
        int128 pnlE8,
        uint64 finalizableAt,
        bytes32 head
    );
    event PredictionFinalized(bytes32 indexed id, bytes32 indexed mandateId, int128 pnlE8, bytes32 head);
    /// @notice A sealed prediction was settled with the reveal that opens its seal.
    /// @param brokenReasonBits rules (`Reasons`) an open approval would have been refused for; zero: none.
    event SealOpened(bytes32 indexed id, uint256 brokenReasonBits, Reveal reveal);
    /// @notice Only the court moves this prediction now, and it must by the deadline.
    event PredictionDisputed(
        bytes32 indexed id,
        bytes32 indexed mandateId,
        int128 postedPnlE8,
        uint64 deadline,
        bytes32 head
    );
    /// @param state Final (as posted, or corrected) or Voided.
    event DisputeResolved(
        bytes32 indexed id,
        bytes32 indexed mandateId,
        State state,
        int128 postedPnlE8,
        int128 pnlE8,
        bytes32 head
    );

    /* ERRORS */

    error ValidatorUnauthorised(address caller);
    error ValidatorBadLength(uint256 given, uint256 expected);
    error ValidatorMandateExists(bytes32 mandateId);
    error ValidatorUnknownMandate(bytes32 mandateId);
    error ValidatorWrongState(bytes32 id, State state);
    error ValidatorTooEarly(uint256 nowAt, uint256 notBefore);
    error ValidatorTooLate(uint256 nowAt, uint256 notAfter);
    error ValidatorAlreadySet();
    error ValidatorEpochOpen(uint32 epoch, uint256 unfinished);
    error ValidatorBadValue(uint256 given, uint256 limit);
    error ValidatorTooMany(uint256 given, uint256 limit);

    /* OWNER AND GUARDIAN */

    /// @notice Opens the book of a mandate. Its limits are set in the policy.
    function registerMandate(bytes32 venueAccountHash, bytes32 marketHash, address operator)
        external
        returns (bytes32 mandateId);

    /// @notice Enables a transport. `level` 1 single sender, 2 quorum, 3 public network;
    /// `flagsMask`: which payload flags it may claim; `maySettle`: whether it may deliver settlements.
    function setAdapter(address adapter, uint8 level, uint8 flagsMask, bool maySettle) external;

    /// @notice Switches a transport off, at once (owner or guardian).
    function disableAdapter(address adapter) external;

    /// @notice Names the account that trades; it may never witness a settlement.
    function setExecutor(address executor) external;

    /// @notice Names the fund, once.
    function setVault(address vault) external;

    /// @notice Announces another rule book; anyone applies it after the delay.
    function schedulePolicy(address newPolicy) external;

    function applyPolicy() external;

    /// @notice Announces another court; anyone applies it after the delay (the first one at once), while no dispute is
    /// open.
    function scheduleCourt(address newCourt) external;

    function applyCourt() external;

    /// @notice Stops the entry leg of an approval (owner or guardian). A fill already made still settles.
    function revokeApproval(bytes32 id) external;

    /* PREDICTIONS */

    /// @notice Makes a signed prediction known, for transports that carry only the verdict. Open to anyone:
    /// the publisher's signature is the authority.
    /// @return status 5 registered, or 10 and above.
    function registerPrediction(Prediction calldata p, bytes calldata modelSignature, Reveal calldata r)
        external
        returns (uint8 status);

    /// @notice The same for a prediction whose reveal comes with the settlement.
    function registerSealed(Prediction calldata p, bytes calldata modelSignature) external returns (uint8 status);

    /// @notice Registration and verdict in one call, for adapters that can carry both.
    function submitPrediction(
        Prediction calldata p,
        bytes calldata modelSignature,
        Reveal calldata r,
        bytes calldata payload
    ) external returns (uint8 status);

    /// @notice The same for a prediction whose reveal comes with the settlement: of a private model only, and with the
    /// attesters' word (flag DIRECTION) that the rules which need the reveal hold.
    function submitSealed(Prediction calldata p, bytes calldata modelSignature, bytes calldata payload)
        external
        returns (uint8 status);

    /// @notice Records a prediction nobody attested before its entry expired as Rejected(UNATTESTED). Open to anyone.
    function lapse(Prediction calldata p, bytes calldata modelSignature) external returns (uint8 status);

    /* SETTLEMENT */

    /// @notice Books a witnessed round trip. The reveal must open the seal, unless the prediction is sealed and the
    /// attesters say (bit 15 of their flags) that nothing does: then the worse of both directions is booked.
    /// @param payload the 256-byte settlement payload.
    /// @param entryRound the feed round in force at the last entry fill (0: the feed had none yet).
    /// @param exitRound the same for the last exit fill.
    /// @return status 3 settled, or 10 and above.
    function settle(
        Prediction calldata p,
        Reveal calldata r,
        bytes calldata payload,
        uint80 entryRound,
        uint80 exitRound
    ) external returns (uint8 status);

    /// @notice Books that nothing was filled.
    /// @return status 4 cancelled, or 10 and above.
    function cancel(Prediction calldata p, bytes calldata payload) external returns (uint8 status);

    /// @notice After settleBy and grace, books the declared maximum loss plus the penalty. Open to anyone.
    function expire(bytes32 id) external;

    /// @notice After the dispute window, makes a settlement or an expiry final. Open to anyone.
    function finalize(bytes32 id) external;

    function finalizeMany(bytes32[] calldata ids) external;

    /* COURT */

    /// @notice Holds back a provisional result within its window (court only).
    /// @param deadline when the court will have closed the dispute, at most 60 days from now.
    /// @return state what it was: Settled or Expired.
    function openDispute(bytes32 id, uint64 deadline) external returns (State state);

    /// @notice Makes a disputed result final or void, at the profit the court found (court only).
    function closeDispute(bytes32 id, int256 pnlE8, bool voided) external;

    /* FUND */

    /// @notice Ends the running epoch (vault only) and returns its books.
    function rollEpoch() external returns (uint32 closedEpoch, int256 pnlE8);

    /* VIEWS */

    /// @notice Answers for a prediction before it is published, with the verdict assumed to be yes.
    /// @param flags what the attesters will claim; with 0x40 the prediction is meant to be sealed,
    /// and the answer leaves out what the seal will hide.
    function previewApproval(Prediction calldata p, Reveal calldata r, uint8 level, uint8 flags)
        external
        view
        returns (bool ok, uint256 reasonBits, string memory text);

    function digestOf(Prediction calldata p) external view returns (bytes32);

    function sealOf(bytes32 mandateId, uint64 sequence, Reveal calldata r) external view returns (bytes32);

    function attestationDomain() external view returns (bytes32);

    function settlementDomain() external view returns (bytes32);

    function record(bytes32 id) external view returns (Record memory);

    function mandate(bytes32 mandateId) external view returns (MandateState memory);

    function venueAccountOf(bytes32 mandateId) external view returns (bytes32);

    function mandateAt(uint32 index) external view returns (bytes32);

    function mandateCount() external view returns (uint256);

    function head() external view returns (bytes32);

    /// @notice True while an entry order may be sent: approved, not revoked, not expired.
    function isExecutable(bytes32 id) external view returns (bool);

    function adapter(address account) external view returns (uint8 level, uint8 flagsMask, bool maySettle);

    function policy() external view returns (address);

    function registry() external view returns (address);

    function vault() external view returns (address);

    function court() external view returns (address);

    function executor() external view returns (address);

    /// @notice The three accounts that may not witness a settlement of this mandate and model.
    function partiesOf(bytes32 mandateId, bytes32 modelId)
        external
        view
        returns (address executor, address operator, address publisher);

    /// @notice The epoch that is being closed next and the time of its snapshot.
    function currentEpoch() external view returns (uint32);

    function snapshotAt() external view returns (uint64);

    /// @notice The epoch an approval at `time` belongs to and the snapshot its `settleBy` may not cross.
    function epochAt(uint64 time) external view returns (uint32 epoch, uint64 endsAt);

    function epochBook(uint32 epoch) external view returns (uint64 opened, uint64 finalized, int128 pnlE8);
}
