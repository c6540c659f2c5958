// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {IRiskPolicy} from "../interfaces/IRiskPolicy.sol";
import {Prediction, Reveal, State} from "../interfaces/Types.sol";
import {Book, Entry, LedgerLib} from "../libraries/LedgerLib.sol";
import {PayloadLib} from "../libraries/PayloadLib.sol";
import {PredictionLib} from "../libraries/PredictionLib.sol";
import {RecordLib} from "../libraries/RecordLib.sol";
import {SettlementFlags} from "../libraries/SettlementFlags.sol";
import {SettlementLib} from "../libraries/SettlementLib.sol";
import {Status} from "../libraries/Status.sol";
import {AttestationDesk} from "./AttestationDesk.sol";

/// @title From an approval to its witnessed result.
abstract contract SettlementDesk is AttestationDesk {
    using PayloadLib for bytes;
    using LedgerLib for *;

    uint256 internal constant MAX_FINALIZE = 64;
    uint256 internal constant FLAGGED_WINDOWS = 3;

    struct Case {
        bytes32 id;
        bytes32 mandateId;
        uint256 a;
        uint256 flags;
        uint256 windowSeconds;
    }

    /* WITNESSED */

    /// @inheritdoc IPredictionValidator
    function settle(
        Prediction calldata p,
        Reveal calldata r,
        bytes calldata payload,
        uint80 entryRound,
        uint80 exitRound
    ) external returns (uint8 status) {
        Case memory k;
        status = _open(k, p, payload);
        if (status != 0) return _ignore(k.id, status);
        bool opened = PredictionLib.seal(p.mandateId, p.sequence, r) == p.seal;
        SettlementLib.Terms memory t = _terms(k, entryRound, exitRound);
        if (RecordLib.isSealed(k.a)) {
            t.seal = opened ? SettlementLib.Seal.Opened : SettlementLib.Seal.Unopened;
            (t.referencePriceE8, t.maxLeverageBps) = (p.referencePriceE8, p.maxLeverageBps);
            t.feeReservePpm = feeReservePpm;
        } else if (!opened) {
            return _ignore(k.id, Status.BAD_REVEAL);
        }
        int256 pnl;
        uint256 flags;
        (status, pnl, flags) = SettlementLib.assess(payload, r, t);
        if (status != 0) return _ignore(k.id, status);
        k.flags |= flags;
        _bookResult(k, pnl, payload);
        return Status.SETTLED;
    }

    /// @inheritdoc IPredictionValidator
    function cancel(Prediction calldata p, bytes calldata payload) external returns (uint8 status) {
        Case memory k;
        status = _open(k, p, payload);
        if (status != 0) return _ignore(k.id, status);
        uint256 flags;
        (status, flags) = SettlementLib.assessAbsence(payload, RecordLib.entryExpiresAt(k.a));
        if (status != 0) return _ignore(k.id, status);
        if (RecordLib.state(k.a) == State.Expired) {
            (,, k.windowSeconds,,,) = IRiskPolicy(_policy).settlementRules(k.mandateId);
            k.flags |= flags;
            _bookResult(k, 0, payload);
            return Status.SETTLED;
        }
        _release(_ledger.books[p.mandateId], k.a);
        ++_ledger.epochs[RecordLib.epoch(k.a)].finalized;
        _ledger.records[k.id].a = RecordLib.withState(k.a, State.Cancelled);
        bytes32 hash = keccak256(payload);
        emit PredictionCancelled(k.id, k.mandateId, hash, _extendHead(Entry.Cancelled, k.id, hash));
        return Status.CANCELLED;
    }

    function _terms(Case memory k, uint80 entryRound, uint80 exitRound)
        private
        view
        returns (SettlementLib.Terms memory t)
    {
        (t.feed, t.fillBandBps, k.windowSeconds,,, t.entryBandBps) = IRiskPolicy(_policy).settlementRules(k.mandateId);
        t.approvedAt = RecordLib.approvedAt(k.a);
        t.entryExpiresAt = RecordLib.entryExpiresAt(k.a);
        t.settleBy = RecordLib.settleBy(k.a);
        t.maxNotionalUsdE6 = RecordLib.maxNotionalUsdE6(k.a);
        t.maxLossUsdE6 = RecordLib.maxLossUsdE6(k.a);
        (t.entryRound, t.exitRound) = (entryRound, exitRound);
    }

    /// @dev Everything that makes a settlement statement belong to this approval. Status 0: it does.
    function _open(Case memory k, Prediction calldata p, bytes calldata payload) private view returns (uint8) {
        if (!_adapters[msg.sender].maySettle) _unauthorised();
        _checkLength(payload, PayloadLib.SETTLEMENT_BYTES);
        k.id = digestOf(p);
        k.mandateId = p.mandateId;
        k.a = _ledger.records[k.id].a;
        State state = RecordLib.state(k.a);
        if (state == State.None) return Status.UNKNOWN_DIGEST;
        if (state == State.Settled || state == State.Final || state == State.Cancelled) return Status.ALREADY_KNOWN;
        if (state == State.Expired) {
            if (block.timestamp >= RecordLib.finalizableAt(_ledger.records[k.id].b)) return Status.NOT_OPEN;
            k.flags = SettlementFlags.AFTER_EXPIRY;
        } else if (state != State.Approved) {
            return Status.NOT_OPEN;
        }
        if (RecordLib.revoked(k.a)) k.flags |= SettlementFlags.AFTER_REVOCATION;
        if (payload.word(0) != uint256(PayloadLib.domain(PayloadLib.SETTLEMENT_TAG))) return Status.WRONG_DOMAIN;
        uint256 tag = (uint256(_ledger.books[p.mandateId].venueAccountHash) >> 64 << 64) | RecordLib.epoch(k.a);
        if (payload.word(1) != uint256(k.id) || payload.word(7) != tag) return Status.PAYLOAD_MISMATCH;
        return 0;
    }

    /// @dev A late proof replaces the declared loss; the penalty booked at expiry stays.
    function _bookResult(Case memory k, int256 pnl, bytes calldata payload) private {
        Book storage book = _ledger.books[k.mandateId];
        RecordLib.Words storage words = _ledger.records[k.id];
        if (RecordLib.state(k.a) == State.Expired) {
            int256 booked = RecordLib.pnlE8(words.b);
            int256 penalty = -booked - int256(RecordLib.maxLossUsdE6(k.a) * 100);
            pnl -= penalty;
            book.bookPnl(pnl - booked);
        } else {
            _release(book, k.a);
            book.bookPnl(pnl);
        }
        // what is out of line leaves more time to dispute it, and nobody has to notice first
        if (k.flags & SettlementFlags.VIOLATIONS != 0) k.windowSeconds *= FLAGGED_WINDOWS;
        uint256 finalizableAt = _after(k.windowSeconds);
        bytes32 hash = keccak256(payload);
        words.a = RecordLib.withState(k.a, State.Settled);
        words.b = RecordLib.result(pnl, k.flags, finalizableAt, hash);
        bytes32 newHead = _extendHead(Entry.Settled, k.id, keccak256(abi.encode(hash, pnl, k.flags)));
        emit PredictionSettled(
            k.id,
            k.mandateId,
            int128(pnl),
            uint32(k.flags),
            uint64(finalizableAt),
            bytes32(payload.word(2)),
            hash,
            newHead
        );
    }

    /* OPEN TO ANYONE */

    /// @inheritdoc IPredictionValidator
    function expire(bytes32 id) external {
        RecordLib.Words storage words = _ledger.records[id];
        uint256 a = words.a;
        if (RecordLib.state(a) != State.Approved) _wrongState(id, RecordLib.state(a));
        bytes32 mandateId = _mandateIdOf(a);
        (,, uint256 window, uint256 grace, uint256 penalty,) = IRiskPolicy(_policy).settlementRules(mandateId);
        _notBefore(RecordLib.settleBy(a) + grace + 1);

        int256 pnl = -int256((RecordLib.maxLossUsdE6(a) + penalty) * 100);
        Book storage book = _ledger.books[mandateId];
        _release(book, a);
        book.bookPnl(pnl);
        uint256 finalizableAt = _after(window);
        words.a = RecordLib.withState(a, State.Expired);
        words.b = RecordLib.result(pnl, 0, finalizableAt, bytes32(0));
        bytes32 newHead = _extendHead(Entry.Expired, id, bytes32(uint256(pnl)));
        emit PredictionExpired(id, mandateId, int128(pnl), uint64(finalizableAt), newHead);
    }

    /// @inheritdoc IPredictionValidator
    function finalize(bytes32 id) external {
        _finalize(id);
    }

    /// @inheritdoc IPredictionValidator
    function finalizeMany(bytes32[] calldata ids) external {
        if (ids.length > MAX_FINALIZE) revert ValidatorTooMany(ids.length, MAX_FINALIZE);
        for (uint256 i = 0; i < ids.length; ++i) {
            _finalize(ids[i]);
        }
    }

    function _finalize(bytes32 id) private {
        RecordLib.Words storage words = _ledger.records[id];
        (uint256 a, uint256 b) = (words.a, words.b);
        State state = RecordLib.state(a);
        if (state != State.Settled && state != State.Expired) _wrongState(id, state);
        _notBefore(RecordLib.finalizableAt(b));
        int256 pnl = RecordLib.pnlE8(b);
        _ledger.epochs[RecordLib.epoch(a)].bookFinal(pnl);
        words.a = RecordLib.withState(a, State.Final);
        bytes32 newHead = _extendHead(Entry.Finalized, id, bytes32(uint256(pnl)));
        emit PredictionFinalized(id, _mandateIdOf(a), int128(pnl), newHead);
    }

    /* GUARDIAN */

    /// @inheritdoc IPredictionValidator
    function revokeApproval(bytes32 id) external onlyGuardianOrOwner {
        uint256 a = _ledger.records[id].a;
        if (RecordLib.state(a) != State.Approved || RecordLib.revoked(a)) {
            _wrongState(id, RecordLib.state(a));
        }
        _ledger.records[id].a = RecordLib.withRevoked(a);
        emit ApprovalRevoked(id, msg.sender, _extendHead(Entry.Revoked, id, 0));
    }

    /// @inheritdoc IPredictionValidator
    function isExecutable(bytes32 id) external view returns (bool) {
        uint256 a = _ledger.records[id].a;
        return RecordLib.state(a) == State.Approved && !RecordLib.revoked(a)
            && block.timestamp <= RecordLib.entryExpiresAt(a);
    }

    /* BOOKS */

    function _release(Book storage book, uint256 a) private {
        (uint16 count, uint72 notional, uint72 loss) =
            (book.openCount, book.openNotionalUsdE6, book.reservedLossUsdE6);
        book.openCount = count - 1;
        book.openNotionalUsdE6 = uint72(notional - RecordLib.maxNotionalUsdE6(a));
        book.reservedLossUsdE6 = uint72(loss - RecordLib.maxLossUsdE6(a));
    }

    /// @dev The record has 32 bits for a time.
    function _after(uint256 seconds_) private view returns (uint256 time) {
        time = block.timestamp + seconds_;
        if (time > type(uint32).max) time = type(uint32).max;
    }
}
