// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {State} from "../interfaces/Types.sol";
import {RecordLib} from "../libraries/RecordLib.sol";
import {SettlementLib} from "../libraries/SettlementLib.sol";
import {SettlementDesk} from "./SettlementDesk.sol";

/// @title From a provisional result to a disputed one and back: the court's door into the books.
abstract contract DisputeDesk is SettlementDesk {
    uint256 internal constant MAX_DISPUTE_SECONDS = 60 days;

    address private _court;
    uint64 private _openDisputes;
    address private _nextCourt;
    uint64 private _nextCourtAt;

    modifier onlyCourt() {
        if (msg.sender != _court) revert ValidatorUnauthorised(msg.sender);
        _;
    }

    /* COURT */

    /// @inheritdoc IPredictionValidator
    function openDispute(bytes32 id, uint64 deadline) external onlyCourt returns (State state) {
        RecordLib.Words storage words = _records[id];
        (uint256 a, uint256 b) = (words.a, words.b);
        state = RecordLib.state(a);
        if (state != State.Settled && state != State.Expired) revert ValidatorWrongState(id, state);
        uint256 until = RecordLib.finalizableAt(b);
        if (block.timestamp >= until) revert ValidatorTooLate(block.timestamp, until);
        uint256 latest = block.timestamp + MAX_DISPUTE_SECONDS;
        if (deadline > latest) revert ValidatorBadValue(deadline, latest);
        ++_openDisputes;
        words.a = RecordLib.withState(a, State.Disputed);
        words.b = RecordLib.withFinalizableAt(b, deadline);
        bytes32 newHead = _extendHead(Entry.Disputed, id, bytes32(uint256(deadline)));
        emit PredictionDisputed(id, _mandateIdOf(a), int128(RecordLib.pnlE8(b)), deadline, newHead);
    }

    /// @inheritdoc IPredictionValidator
    function closeDispute(bytes32 id, int256 pnlE8, bool voided) external onlyCourt {
        RecordLib.Words storage words = _records[id];
        (uint256 a, uint256 b) = (words.a, words.b);
        if (RecordLib.state(a) != State.Disputed) revert ValidatorWrongState(id, RecordLib.state(a));
        if (pnlE8 > SettlementLib.MAX_PNL_E8 || pnlE8 < -SettlementLib.MAX_PNL_E8) {
            revert ValidatorBadValue(uint256(pnlE8), uint256(SettlementLib.MAX_PNL_E8));
        }
        --_openDisputes;
        int256 posted = RecordLib.pnlE8(b);
        bytes32 mandateId = _mandateIdOf(a);
        if (pnlE8 != posted) _bookPnl(_books[mandateId], pnlE8 - posted);
        _bookEpoch(a, pnlE8);
        State next = voided ? State.Voided : State.Final;
        words.a = RecordLib.withState(a, next);
        words.b = RecordLib.withPnl(b, pnlE8);
        bytes32 newHead = _extendHead(Entry.Resolved, id, keccak256(abi.encode(next, posted, pnlE8)));
        emit DisputeResolved(id, mandateId, next, int128(posted), int128(pnlE8), newHead);
    }

    /* OWNER */

    /// @inheritdoc IPredictionValidator
    function scheduleCourt(address newCourt) external onlyOwner {
        // before the first court there is nobody whose judgement is replaced
        uint64 applicableAt = uint64(block.timestamp) + (_court == address(0) ? 0 : policyDelaySeconds);
        (_nextCourt, _nextCourtAt) = (newCourt, applicableAt);
        emit CourtScheduled(newCourt, applicableAt);
    }

    /// @inheritdoc IPredictionValidator
    function applyCourt() external {
        if (_nextCourt == address(0) || block.timestamp < _nextCourtAt) {
            revert ValidatorTooEarly(block.timestamp, _nextCourtAt);
        }
        // only the court that opened a dispute can close it
        if (_openDisputes != 0) revert ValidatorTooMany(_openDisputes, 0);
        emit CourtChanged(_court, _nextCourt);
        (_court, _nextCourt) = (_nextCourt, address(0));
    }

    /// @inheritdoc IPredictionValidator
    function court() external view returns (address) {
        return _court;
    }
}
