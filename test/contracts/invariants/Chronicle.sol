// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {State} from "../../../contracts/interfaces/Types.sol";
import {Messages} from "./Messages.sol";
import {Vm, vm} from "./Protocol.sol";

/// @notice The promises that acts judge on the spot; a breach is remembered with its reason.
enum Rule {
    D1,
    D2,
    D3,
    D4,
    D5,
    D6,
    D7,
    D8,
    D9,
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    A1,
    A2,
    A3,
    A4,
    S3
}

/// @title What an observer who sees nothing but events knows: the hash chain, every state, every sequence.
abstract contract Chronicle is Messages {
    error Broken(string rule);

    bytes32 public foldedHead;
    bytes32[] internal _ids;
    mapping(bytes32 id => State) internal _seen;
    mapping(bytes32 mandateId => uint256) internal _sequences;
    mapping(Rule => string) internal _broken;
    /// @notice How often each kind of entry was seen, by its number in the hash chain; 0 counts registrations.
    uint256[10] public entries;

    bytes32 private constant REQUESTED = keccak256("AttestationRequested(bytes32,bytes32,uint64)");
    bytes32 private constant APPROVED = keccak256(
        "PredictionApproved(bytes32,bytes32,address,uint64,uint64,uint64,uint64,uint128,uint128,uint32,uint8,uint8,bytes32)"
    );
    bytes32 private constant REJECTED =
        keccak256("PredictionRejected(bytes32,bytes32,uint64,uint256,uint16,bytes32)");
    bytes32 private constant REVOKED = keccak256("ApprovalRevoked(bytes32,address,bytes32)");
    bytes32 private constant SETTLED =
        keccak256("PredictionSettled(bytes32,bytes32,int128,uint32,uint64,bytes32,bytes32,bytes32)");
    bytes32 private constant CANCELLED = keccak256("PredictionCancelled(bytes32,bytes32,bytes32,bytes32)");
    bytes32 private constant EXPIRED = keccak256("PredictionExpired(bytes32,bytes32,int128,uint64,bytes32)");
    bytes32 private constant FINALIZED = keccak256("PredictionFinalized(bytes32,bytes32,int128,bytes32)");
    bytes32 private constant DISPUTED =
        keccak256("PredictionDisputed(bytes32,bytes32,int128,uint64,bytes32)");
    bytes32 private constant RESOLVED =
        keccak256("DisputeResolved(bytes32,bytes32,uint8,int128,int128,bytes32)");

    constructor() {
        foldedHead = _domainOf("SaksiAttestationPayload", address(validator));
    }

    function _break(Rule rule, string memory why) internal {
        if (bytes(_broken[rule]).length == 0) _broken[rule] = why;
    }

    function _require(bool holds, Rule rule, string memory why) internal {
        if (!holds) _break(rule, why);
    }

    /// @notice Reverts with the first breach of a rule that an act saw.
    function checkRule(Rule rule) public view {
        if (bytes(_broken[rule]).length != 0) revert Broken(_broken[rule]);
    }

    /// @dev Every call into the protocol goes through here; it never reverts, and its events are read at once.
    function _call(address from, address to, bytes memory data) internal returns (bool ok, bytes memory answer) {
        vm.recordLogs();
        if (from != address(this)) vm.prank(from);
        (ok, answer) = to.call(data);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        if (!ok) return (ok, answer); // what a reverted call emitted never happened
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == address(validator)) _read(logs[i]);
        }
    }

    function _read(Vm.Log memory log) private {
        bytes32 kind = log.topics[0];
        bytes32 id = log.topics.length > 1 ? log.topics[1] : bytes32(0);
        bytes32 last;
        assembly ("memory-safe") {
            last := mload(add(mload(add(log, 0x20)), mload(mload(add(log, 0x20)))))
        }
        if (kind == REQUESTED) {
            _move(id, State.Registered, 0, _seen[id] == State.None);
        } else if (kind == APPROVED) {
            (uint64 sequence, uint64 time,,,,, uint32 epoch, uint8 level, uint8 flags) =
                abi.decode(log.data, (uint64, uint64, uint64, uint64, uint128, uint128, uint32, uint8, uint8));
            _next(log.topics[2], sequence);
            _move(id, State.Approved, 1, _seen[id] <= State.Registered);
            _fold(1, id, keccak256(abi.encode(log.topics[2], sequence, time, epoch, level, flags)), last);
        } else if (kind == REJECTED) {
            (uint64 sequence, uint256 reasons, uint16 reason) = abi.decode(log.data, (uint64, uint256, uint16));
            _next(log.topics[2], sequence);
            _move(id, State.Rejected, 2, _seen[id] <= State.Registered);
            _fold(2, id, keccak256(abi.encode(log.topics[2], sequence, reasons, reason)), last);
        } else if (kind == REVOKED) {
            _move(id, State.Approved, 3, _seen[id] == State.Approved);
            _fold(3, id, 0, last);
        } else if (kind == SETTLED) {
            (int128 pnl, uint32 flags,,, bytes32 hash) =
                abi.decode(log.data, (int128, uint32, uint64, bytes32, bytes32));
            _move(id, State.Settled, 4, _seen[id] == State.Approved || _seen[id] == State.Expired);
            _fold(4, id, keccak256(abi.encode(hash, pnl, flags)), last);
        } else if (kind == CANCELLED) {
            _move(id, State.Cancelled, 5, _seen[id] == State.Approved);
            _fold(5, id, abi.decode(log.data, (bytes32)), last);
        } else if (kind == EXPIRED) {
            _move(id, State.Expired, 6, _seen[id] == State.Approved);
            _fold(6, id, abi.decode(log.data, (bytes32)), last);
        } else if (kind == FINALIZED) {
            _move(id, State.Final, 7, _seen[id] == State.Settled || _seen[id] == State.Expired);
            _fold(7, id, abi.decode(log.data, (bytes32)), last);
        } else if (kind == DISPUTED) {
            (, bytes32 deadline) = abi.decode(log.data, (int128, bytes32));
            _move(id, State.Disputed, 8, _seen[id] == State.Settled || _seen[id] == State.Expired);
            _fold(8, id, deadline, last);
        } else if (kind == RESOLVED) {
            (State state, int128 posted, int128 pnl) = abi.decode(log.data, (State, int128, int128));
            bool ends = state == State.Final || state == State.Voided;
            _move(id, state, 9, ends && _seen[id] == State.Disputed);
            _fold(9, id, keccak256(abi.encode(state, posted, pnl)), last);
        }
    }

    function _next(bytes32 mandateId, uint64 sequence) private {
        _require(sequence == ++_sequences[mandateId], Rule.D2, "a sequence was skipped or used twice");
    }

    function _move(bytes32 id, State to, uint256 entry, bool allowed) private {
        _require(allowed, Rule.D1, "a state was entered from where it cannot be");
        if (_seen[id] == State.None) _ids.push(id);
        _seen[id] = to;
        ++entries[entry];
    }

    function _fold(uint256 kind, bytes32 id, bytes32 data, bytes32 told) private {
        foldedHead = keccak256(abi.encode(foldedHead, kind, id, data));
        _require(told == foldedHead, Rule.D3, "an event carries another head");
    }

    /* JUDGING */

    /// @notice D1: the record says of every prediction what its events said, so terminal states have not moved.
    function checkStates() external view {
        checkRule(Rule.D1);
        for (uint256 i = 0; i < _ids.length; ++i) {
            if (validator.record(_ids[i]).state != _seen[_ids[i]]) revert Broken("a state moved without its event");
        }
    }

    /// @notice D2: every sequence from 1 to the last one belongs to exactly one recorded verdict.
    function checkSequences() external view {
        checkRule(Rule.D2);
        uint256 verdicts;
        for (uint256 i = 0; i < _ids.length; ++i) {
            if (_seen[_ids[i]] != State.Registered) ++verdicts;
        }
        for (uint256 i = 0; i < MANDATES; ++i) {
            uint256 last = validator.mandate(mandateIds[i]).lastSequence;
            if (last != _sequences[mandateIds[i]]) revert Broken("the last sequence is not the number of verdicts");
            verdicts -= last;
        }
        if (verdicts != 0) revert Broken("a verdict without a sequence");
    }

    /// @notice D3: folding the events from the first gives the head.
    function checkHead() external view {
        checkRule(Rule.D3);
        if (validator.head() != foldedHead) revert Broken("the events do not give the head");
    }
}
