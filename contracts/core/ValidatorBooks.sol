// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {MandateState, Prediction, Record, Reveal, State} from "../interfaces/Types.sol";
import {Book, Entry, EpochBook, Ledger, LedgerLib} from "../libraries/LedgerLib.sol";
import {PayloadLib} from "../libraries/PayloadLib.sol";
import {PredictionLib} from "../libraries/PredictionLib.sol";
import {RecordLib} from "../libraries/RecordLib.sol";
import {Domain} from "./Domain.sol";
import {Guarded} from "./Guarded.sol";

/// @title The validator's storage, its owner's functions, its epochs and its views.
/// @dev The desks inherit from here: `AttestationDesk` opens records, `SettlementDesk` closes them, `DisputeDesk` lets
/// the court correct them.
abstract contract ValidatorBooks is IPredictionValidator, Guarded, Domain {
    using PredictionLib for Prediction;
    using LedgerLib for Ledger;

    struct Adapter {
        uint8 level; // 0: not enabled
        uint8 flagsMask;
        bool maySettle;
    }

    uint256 internal constant MAX_EPOCH_SECONDS = 366 days;

    IModelRegistry internal immutable _registry;
    uint40 internal immutable _epochLengthSeconds;
    uint64 public immutable policyDelaySeconds;
    /// @notice What each side of a trip is taken to cost in fees when the loss at the stop is checked, in 1e-6.
    uint32 public immutable feeReservePpm;

    // one slot, read at every approval
    address internal _policy;
    uint32 internal _currentEpoch;
    uint40 internal _snapshotAt;

    Ledger internal _ledger;
    address internal _executor;
    address internal _vault;
    address internal _nextPolicy;
    uint64 internal _nextPolicyAt;

    mapping(address account => Adapter) internal _adapters;

    constructor(
        address owner_,
        address guardian_,
        address registry_,
        address policy_,
        uint64 firstSnapshotAt_,
        uint64 epochLengthSeconds_,
        uint64 policyDelaySeconds_,
        uint32 feeReservePpm_
    ) Guarded(owner_, guardian_) Domain("Saksi") {
        if (epochLengthSeconds_ == 0 || epochLengthSeconds_ > MAX_EPOCH_SECONDS) {
            revert ValidatorBadValue(epochLengthSeconds_, MAX_EPOCH_SECONDS);
        }
        if (firstSnapshotAt_ <= block.timestamp || firstSnapshotAt_ > type(uint32).max) {
            revert ValidatorBadValue(firstSnapshotAt_, block.timestamp);
        }
        if (feeReservePpm_ > 1e6) revert ValidatorBadValue(feeReservePpm_, 1e6);
        _registry = IModelRegistry(registry_);
        _policy = policy_;
        _currentEpoch = 1;
        _snapshotAt = uint40(firstSnapshotAt_);
        _epochLengthSeconds = uint40(epochLengthSeconds_);
        policyDelaySeconds = policyDelaySeconds_;
        feeReservePpm = feeReservePpm_;
        _ledger.head = PayloadLib.domain(PayloadLib.ATTESTATION_TAG);
        _ledger.epochs[1] = _ledger.epochs[2] = EpochBook(1, 1, 0);
    }

    /* OWNER AND GUARDIAN */

    /// @inheritdoc IPredictionValidator
    function registerMandate(bytes32 venueAccountHash, bytes32 marketHash, address operator)
        external
        onlyOwner
        returns (bytes32 mandateId)
    {
        mandateId =
            keccak256(abi.encode(PredictionLib.MANDATE_TYPEHASH, venueAccountHash, marketHash, operator));
        Book storage book = _ledger.books[mandateId];
        if (book.index != 0) revert ValidatorMandateExists(mandateId);
        if (_ledger.mandateIds.length == type(uint16).max) revert ValidatorTooMany(_ledger.mandateIds.length, type(uint16).max);
        _ledger.mandateIds.push(mandateId);
        uint32 index = uint32(_ledger.mandateIds.length);
        (book.index, book.operator) = (uint16(index), operator);
        (book.venueAccountHash, book.marketHash) = (venueAccountHash, marketHash);
        // the hot slots are paid for here, so that the first approval costs no more than the next
        (book.lastId, book.bucketAt, book.countUsedScaled) = (mandateId, uint40(block.timestamp), 1);
        emit MandateRegistered(mandateId, index, venueAccountHash, marketHash, operator);
    }

    /// @inheritdoc IPredictionValidator
    function setAdapter(address account, uint8 level, uint8 flagsMask, bool maySettle) external onlyOwner {
        if (level > 3) revert ValidatorBadValue(level, 3);
        if (flagsMask > PayloadLib.ALL_FLAGS) revert ValidatorBadValue(flagsMask, PayloadLib.ALL_FLAGS);
        _setAdapter(account, Adapter(level, flagsMask, maySettle));
    }

    /// @inheritdoc IPredictionValidator
    function disableAdapter(address account) external onlyGuardianOrOwner {
        _setAdapter(account, Adapter(0, 0, false));
    }

    function _setAdapter(address account, Adapter memory next) private {
        Adapter memory old = _adapters[account];
        _adapters[account] = next;
        emit AdapterChanged(
            account, old.level, next.level, old.flagsMask, next.flagsMask, old.maySettle, next.maySettle
        );
    }

    /// @inheritdoc IPredictionValidator
    function setExecutor(address newExecutor) external onlyOwner {
        emit ExecutorChanged(_executor, newExecutor);
        _executor = newExecutor;
    }

    /// @inheritdoc IPredictionValidator
    function setVault(address vault_) external onlyOwner {
        if (_vault != address(0)) revert ValidatorAlreadySet();
        _vault = vault_;
        emit VaultSet(vault_);
    }

    /// @inheritdoc IPredictionValidator
    function schedulePolicy(address newPolicy) external onlyOwner {
        _nextPolicy = newPolicy;
        _nextPolicyAt = uint64(block.timestamp) + policyDelaySeconds;
        emit PolicyScheduled(newPolicy, _nextPolicyAt);
    }

    /// @inheritdoc IPredictionValidator
    function applyPolicy() external {
        if (_nextPolicy == address(0)) revert ValidatorTooEarly(block.timestamp, type(uint64).max);
        _notBefore(_nextPolicyAt);
        emit PolicyChanged(_policy, _nextPolicy);
        (_policy, _nextPolicy) = (_nextPolicy, address(0));
    }

    function _notBefore(uint256 time) internal view {
        if (block.timestamp < time) revert ValidatorTooEarly(block.timestamp, time);
    }

    function _unauthorised() internal view {
        revert ValidatorUnauthorised(msg.sender);
    }

    function _checkLength(bytes calldata payload, uint256 expected) internal pure {
        if (payload.length != expected) revert ValidatorBadLength(payload.length, expected);
    }

    function _wrongState(bytes32 id, State state) internal pure {
        revert ValidatorWrongState(id, state);
    }

    /* EPOCHS */

    /// @inheritdoc IPredictionValidator
    function rollEpoch() external returns (uint32 closedEpoch, int256 pnlE8) {
        if (msg.sender != _vault) _unauthorised();
        uint64 oldSnapshotAt = _snapshotAt;
        _notBefore(oldSnapshotAt);
        closedEpoch = _currentEpoch;
        EpochBook memory book = _ledger.epochs[closedEpoch];
        if (book.opened != book.finalized) revert ValidatorEpochOpen(closedEpoch, book.opened - book.finalized);
        pnlE8 = book.pnlE8;
        uint64 newSnapshotAt = _gridAfter(oldSnapshotAt, uint64(block.timestamp));
        (_currentEpoch, _snapshotAt) = (closedEpoch + 1, uint40(newSnapshotAt));
        _ledger.epochs[closedEpoch + 2] = EpochBook(1, 1, 0);
        emit EpochRolled(closedEpoch, closedEpoch + 1, oldSnapshotAt, newSnapshotAt);
    }

    /// @inheritdoc IPredictionValidator
    function epochAt(uint64 time) public view returns (uint32 epoch, uint64 endsAt) {
        (epoch, endsAt) = (_currentEpoch, _snapshotAt);
        if (time >= endsAt) (epoch, endsAt) = (epoch + 1, _gridAfter(endsAt, time));
    }

    function _gridAfter(uint64 snapshotAt_, uint64 time) private view returns (uint64) {
        return snapshotAt_ + ((time - snapshotAt_) / _epochLengthSeconds + 1) * _epochLengthSeconds;
    }

    /* HASH CHAIN */

    function _extendHead(Entry kind, bytes32 id, bytes32 data) internal returns (bytes32 next) {
        return _ledger.extend(kind, id, data);
    }

    /* VIEWS */

    /// @inheritdoc IPredictionValidator
    function digestOf(Prediction calldata p) public view returns (bytes32) {
        return _typedDigest(p.structHash());
    }

    /// @inheritdoc IPredictionValidator
    function sealOf(bytes32 mandateId, uint64 sequence, Reveal calldata r) external view returns (bytes32) {
        return PredictionLib.seal(mandateId, sequence, r);
    }

    /// @inheritdoc IPredictionValidator
    function attestationDomain() external view returns (bytes32) {
        return PayloadLib.domain(PayloadLib.ATTESTATION_TAG);
    }

    /// @inheritdoc IPredictionValidator
    function settlementDomain() external view returns (bytes32) {
        return PayloadLib.domain(PayloadLib.SETTLEMENT_TAG);
    }

    /// @inheritdoc IPredictionValidator
    function record(bytes32 id) external view returns (Record memory) {
        RecordLib.Words memory w = _ledger.records[id];
        return RecordLib.unpack(w.a, w.b, w.a == 0 ? bytes32(0) : _mandateIdOf(w.a));
    }

    /// @inheritdoc IPredictionValidator
    function mandate(bytes32 mandateId) external view returns (MandateState memory state) {
        Book storage b = _ledger.books[mandateId];
        state.index = b.index;
        state.operator = b.operator;
        state.venueAccountHash = b.venueAccountHash;
        state.marketHash = b.marketHash;
        state.lastSequence = b.lastSequence;
        state.lastId = b.lastSequence == 0 ? bytes32(0) : b.lastId;
        state.openCount = b.openCount;
        state.openNotionalUsdE6 = b.openNotionalUsdE6;
        state.reservedLossUsdE6 = b.reservedLossUsdE6;
        state.pnlE8 = b.pnlE8;
        state.peakPnlE8 = int128(uint128(b.peakPnlE8));
        state.countUsedScaled = b.countUsedScaled;
        state.notionalUsedScaled = b.notionalUsedScaled;
        state.bucketAt = b.bucketAt;
    }

    /// @inheritdoc IPredictionValidator
    function venueAccountOf(bytes32 mandateId) external view returns (bytes32) {
        return _ledger.books[mandateId].venueAccountHash;
    }

    function _mandateIdOf(uint256 a) internal view returns (bytes32) {
        return _ledger.mandateIdOf(a);
    }

    /// @inheritdoc IPredictionValidator
    function mandateAt(uint32 index) external view returns (bytes32) {
        return _ledger.mandateIds[index - 1];
    }

    /// @inheritdoc IPredictionValidator
    function mandateCount() external view returns (uint256) {
        return _ledger.mandateIds.length;
    }

    /// @inheritdoc IPredictionValidator
    function head() external view returns (bytes32) {
        return _ledger.head;
    }

    /// @inheritdoc IPredictionValidator
    function adapter(address account) external view returns (uint8 level, uint8 flagsMask, bool maySettle) {
        Adapter memory a = _adapters[account];
        return (a.level, a.flagsMask, a.maySettle);
    }

    /// @inheritdoc IPredictionValidator
    function policy() external view returns (address) {
        return _policy;
    }

    /// @inheritdoc IPredictionValidator
    function registry() external view returns (address) {
        return address(_registry);
    }

    /// @inheritdoc IPredictionValidator
    function vault() external view returns (address) {
        return _vault;
    }

    /// @inheritdoc IPredictionValidator
    function executor() external view returns (address) {
        return _executor;
    }

    /// @inheritdoc IPredictionValidator
    function partiesOf(bytes32 mandateId, bytes32 modelId)
        external
        view
        returns (address executor_, address operator, address publisher)
    {
        (publisher,,) = _registry.publisherOf(modelId);
        return (_executor, _ledger.books[mandateId].operator, publisher);
    }

    /// @inheritdoc IPredictionValidator
    function currentEpoch() external view returns (uint32) {
        return _currentEpoch;
    }

    /// @inheritdoc IPredictionValidator
    function snapshotAt() external view returns (uint64) {
        return _snapshotAt;
    }

    /// @inheritdoc IPredictionValidator
    function epochBook(uint32 epoch) external view returns (uint64 opened, uint64 finalized, int128 pnlE8) {
        EpochBook memory b = _ledger.epochs[epoch];
        return b.opened == 0 ? (0, 0, int128(0)) : (b.opened - 1, b.finalized - 1, b.pnlE8);
    }
}
