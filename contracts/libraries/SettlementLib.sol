// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {Reveal, State} from "../interfaces/Types.sol";
import {BandLib} from "./BandLib.sol";
import {Entry, Ledger, LedgerLib} from "./LedgerLib.sol";
import {PayloadLib} from "./PayloadLib.sol";
import {PredictionLib} from "./PredictionLib.sol";
import {Reasons} from "./Reasons.sol";
import {RecordLib} from "./RecordLib.sol";
import {SettlementFlags} from "./SettlementFlags.sol";
import {Status} from "./Status.sol";

/// @title The witnessed settlement: decoding, profit and loss, comparison with what was promised.
/// @dev A deployed library that the validator calls: it reads the feed, and it does the court's work in the validator's
/// ledger, which is handed in.
library SettlementLib {
    using PayloadLib for bytes;
    using LedgerLib for *;

    /// @notice What was approved, and the rules in force.
    struct Terms {
        uint256 approvedAt;
        uint256 entryExpiresAt;
        uint256 settleBy;
        uint256 maxNotionalUsdE6;
        uint256 maxLossUsdE6;
        address feed;
        uint256 fillBandBps;
        uint80 entryRound;
        uint80 exitRound;
        Seal seal;
        uint256 referencePriceE8; // from here on: only where the prediction was sealed
        uint256 maxLeverageBps;
        uint256 entryBandBps;
        uint256 feeReservePpm;
    }

    /// @notice How the reveal of this settlement stands to the approval.
    enum Seal {
        None, // revealed and judged at the approval
        Opened,
        Unopened
    }

    struct Fills {
        uint256 entryQuoteE8;
        uint256 exitQuoteE8;
        uint256 qtyE8;
        int256 feeE8;
        int256 fundingE8;
        uint256 entryFirstAt;
        uint256 entryLastAt;
        uint256 exitLastAt;
        uint256 observedAt;
        uint256 expiresAt;
        uint256 entryFills;
        uint256 exitFills;
        uint256 attestedFlags;
    }

    /// @dev Results beyond this (3·10²³ E8) cannot be real and would not fit the books.
    int256 internal constant MAX_PNL_E8 = 1 << 78;
    uint256 internal constant MAX_DISPUTE_SECONDS = 60 days;

    /// @notice Judges a settlement statement of the right length.
    /// @dev Where nothing opens the seal the trip is booked as if it had had the worse of both directions.
    /// @return status 0, or why nothing may be recorded.
    /// @return pnlE8 the trip's result.
    /// @return flags `SettlementFlags` in the low half, the attesters' own in the high half.
    function assess(bytes calldata payload, Reveal calldata r, Terms calldata t)
        external
        returns (uint8 status, int256 pnlE8, uint256 flags)
    {
        Fills memory f = decode(payload);
        if (block.timestamp > f.expiresAt) return (Status.STATEMENT_EXPIRED, 0, 0);
        if (!plausible(f) || f.entryFills == 0) return (Status.DIRTY_BITS, 0, 0);
        if (f.entryLastAt > block.timestamp || f.exitLastAt > block.timestamp) return (Status.TOO_EARLY, 0, 0);
        bool opened = t.seal != Seal.Unopened;
        if (!opened && f.attestedFlags & SettlementFlags.WITNESSED_UNOPENED == 0) return (Status.BAD_REVEAL, 0, 0);
        pnlE8 = result(f, opened ? r.side : 0);
        if (pnlE8 > MAX_PNL_E8 || pnlE8 < -MAX_PNL_E8) return (Status.DIRTY_BITS, 0, 0);
        bool bracketed;
        (bracketed, flags) = market(f, t);
        if (!bracketed) return (Status.BAD_ROUNDS, 0, 0);
        flags |= compare(f, t, pnlE8) | (f.attestedFlags << 16);
        flags |= opened ? compareReveal(f, r) : SettlementFlags.REVEAL_MISMATCH;
        if (t.seal == Seal.Opened) flags |= unseal(bytes32(payload.word(1)), r, t);
    }

    /// @notice Judges the statement that nothing was filled.
    function assessAbsence(bytes calldata payload, uint256 entryExpiresAt)
        external
        view
        returns (uint8 status, uint256 flags)
    {
        Fills memory f = decode(payload);
        if (block.timestamp > f.expiresAt) return (Status.STATEMENT_EXPIRED, 0);
        if (!plausible(f) || f.entryFills != 0) return (Status.DIRTY_BITS, 0);
        if (f.observedAt < entryExpiresAt || f.observedAt > block.timestamp) return (Status.TOO_EARLY, 0);
        return (0, f.attestedFlags << 16);
    }

    /// @dev Compares both average prices with the feed's history. False: a hint does not bracket its fill.
    function market(Fills memory f, Terms calldata t) internal view returns (bool, uint256 flags) {
        BandLib.Answer answer =
            BandLib.check(t.feed, t.entryRound, f.entryLastAt, f.entryQuoteE8, f.qtyE8, t.fillBandBps);
        if (answer == BandLib.Answer.BadHint) return (false, 0);
        if (answer == BandLib.Answer.Outside) flags = SettlementFlags.ENTRY_OFF_MARKET;
        if (answer == BandLib.Answer.NoRound) flags = SettlementFlags.ENTRY_ROUND_MISSING;
        answer = BandLib.check(t.feed, t.exitRound, f.exitLastAt, f.exitQuoteE8, f.qtyE8, t.fillBandBps);
        if (answer == BandLib.Answer.BadHint) return (false, 0);
        if (answer == BandLib.Answer.Outside) flags |= SettlementFlags.EXIT_OFF_MARKET;
        if (answer == BandLib.Answer.NoRound) flags |= SettlementFlags.EXIT_ROUND_MISSING;
        return (true, flags);
    }

    /// @dev The caller has checked the length.
    function decode(bytes calldata payload) internal pure returns (Fills memory f) {
        uint256 w = payload.word(3);
        f.entryQuoteE8 = w >> 128;
        f.exitQuoteE8 = uint128(w);
        w = payload.word(4);
        f.qtyE8 = w >> 128;
        f.feeE8 = int128(uint128(w));
        w = payload.word(5);
        f.fundingE8 = int128(uint128(w >> 128));
        f.entryLastAt = uint64(w >> 64);
        f.exitLastAt = uint64(w);
        w = payload.word(6);
        f.entryFirstAt = w >> 192;
        f.observedAt = uint64(w >> 128);
        f.expiresAt = uint64(w >> 64);
        f.entryFills = uint16(w >> 48);
        f.exitFills = uint16(w >> 32);
        f.attestedFlags = uint32(w);
    }

    /// @notice False for what no honest witness can have seen.
    function plausible(Fills memory f) internal pure returns (bool) {
        if (f.attestedFlags >> 16 != 0) return false;
        if (f.entryFills == 0) {
            return f.exitFills == 0 && f.qtyE8 == 0 && f.entryQuoteE8 == 0 && f.exitQuoteE8 == 0 && f.feeE8 == 0
                && f.fundingE8 == 0 && f.entryFirstAt == 0 && f.entryLastAt == 0 && f.exitLastAt == 0;
        }
        if (f.qtyE8 == 0 || f.entryQuoteE8 == 0 || f.entryFirstAt > f.entryLastAt) return false;
        // a trip that is still open is not settled; if it stays open it expires
        return f.exitFills != 0 && f.exitQuoteE8 != 0 && f.exitLastAt >= f.entryFirstAt;
    }

    /// @param side 1 long, 2 short; of anything else nobody knows the direction, and the worse one counts.
    function result(Fills memory f, uint8 side) internal pure returns (int256) {
        int256 gain = int256(f.exitQuoteE8) - int256(f.entryQuoteE8);
        bool turned = side == PredictionLib.LONG ? false : side == PredictionLib.SHORT || gain > 0;
        return (turned ? -gain : gain) - f.feeE8 - f.fundingE8;
    }

    /// @dev Repeats at the reveal what an open prediction is judged by at its approval.
    function unseal(bytes32 id, Reveal calldata r, Terms calldata t) private returns (uint256 flags) {
        uint256 broken = PredictionLib.inspectReveal(
            PredictionLib.checked(r), t.maxLossUsdE6, t.maxNotionalUsdE6, t.maxLeverageBps, t.feeReservePpm
        );
        if (PredictionLib.deviationBps(r.entryLimitE8, t.referencePriceE8) > t.entryBandBps) {
            broken |= Reasons.ENTRY_BAND;
        }
        emit IPredictionValidator.SealOpened(id, broken, r);
        return broken == 0 ? 0 : SettlementFlags.RULE_BROKEN;
    }

    /// @dev Compares the fills with what was approved.
    function compare(Fills memory f, Terms calldata t, int256 pnlE8) private pure returns (uint256 flags) {
        if (f.entryFirstAt < t.approvedAt) flags = SettlementFlags.ENTRY_EARLY;
        if (f.entryLastAt > t.entryExpiresAt) flags |= SettlementFlags.ENTRY_LATE;
        if (f.exitLastAt > t.settleBy) flags |= SettlementFlags.EXIT_LATE;
        if (pnlE8 < -int256(t.maxLossUsdE6 * 100)) flags |= SettlementFlags.OVER_LOSS;
        if (f.entryQuoteE8 > t.maxNotionalUsdE6 * 100) flags |= SettlementFlags.OVER_NOTIONAL;
    }

    /// @dev Compares the fills with what was sealed.
    function compareReveal(Fills memory f, Reveal calldata r) private pure returns (uint256 flags) {
        if (f.qtyE8 > r.qtyE8) flags = SettlementFlags.OVER_QUANTITY;
        // average entry against the limit, without dividing
        uint256 paid = f.entryQuoteE8 * 1e8;
        uint256 limit = f.qtyE8 * r.entryLimitE8;
        if (r.side == PredictionLib.LONG ? paid > limit : paid < limit) flags |= SettlementFlags.WORSE_THAN_LIMIT;
    }

    /* DISPUTES */

    /// @notice Announces another court.
    function scheduleCourt(Ledger storage ledger, address newCourt, uint64 delaySeconds) external {
        // before the first court there is nobody whose judgement is replaced
        uint64 applicableAt = uint64(block.timestamp) + (ledger.court == address(0) ? 0 : delaySeconds);
        (ledger.nextCourt, ledger.nextCourtAt) = (newCourt, applicableAt);
        emit IPredictionValidator.CourtScheduled(newCourt, applicableAt);
    }

    /// @notice Puts the announced court into place.
    function applyCourt(Ledger storage ledger) external {
        (address next, uint64 notBefore) = (ledger.nextCourt, ledger.nextCourtAt);
        if (next == address(0) || block.timestamp < notBefore) {
            revert IPredictionValidator.ValidatorTooEarly(block.timestamp, notBefore);
        }
        // only the court that opened a dispute can close it
        if (ledger.openDisputes != 0) revert IPredictionValidator.ValidatorTooMany(ledger.openDisputes, 0);
        emit IPredictionValidator.CourtChanged(ledger.court, next);
        (ledger.court, ledger.nextCourt) = (next, address(0));
    }

    /// @notice Holds a provisional result back for the court.
    function openDispute(Ledger storage ledger, bytes32 id, uint64 deadline) external returns (State state) {
        if (msg.sender != ledger.court) revert IPredictionValidator.ValidatorUnauthorised(msg.sender);
        RecordLib.Words storage words = ledger.records[id];
        (uint256 a, uint256 b) = (words.a, words.b);
        state = RecordLib.state(a);
        if (state != State.Settled && state != State.Expired) {
            revert IPredictionValidator.ValidatorWrongState(id, state);
        }
        uint256 until = RecordLib.finalizableAt(b);
        if (block.timestamp >= until) revert IPredictionValidator.ValidatorTooLate(block.timestamp, until);
        uint256 latest = block.timestamp + MAX_DISPUTE_SECONDS;
        if (deadline > latest) revert IPredictionValidator.ValidatorBadValue(deadline, latest);
        ++ledger.openDisputes;
        words.a = RecordLib.withState(a, State.Disputed);
        words.b = RecordLib.withFinalizableAt(b, deadline);
        bytes32 head = ledger.extend(Entry.Disputed, id, bytes32(uint256(deadline)));
        emit IPredictionValidator.PredictionDisputed(
            id, ledger.mandateIdOf(a), int128(RecordLib.pnlE8(b)), deadline, head
        );
    }

    /// @notice Books what the court found.
    function closeDispute(Ledger storage ledger, bytes32 id, int256 pnlE8, bool voided) external {
        if (msg.sender != ledger.court) revert IPredictionValidator.ValidatorUnauthorised(msg.sender);
        RecordLib.Words storage words = ledger.records[id];
        (uint256 a, uint256 b) = (words.a, words.b);
        if (RecordLib.state(a) != State.Disputed) {
            revert IPredictionValidator.ValidatorWrongState(id, RecordLib.state(a));
        }
        if (pnlE8 > MAX_PNL_E8 || pnlE8 < -MAX_PNL_E8) {
            revert IPredictionValidator.ValidatorBadValue(uint256(pnlE8), uint256(MAX_PNL_E8));
        }
        --ledger.openDisputes;
        int256 posted = RecordLib.pnlE8(b);
        bytes32 mandateId = ledger.mandateIdOf(a);
        if (pnlE8 != posted) ledger.books[mandateId].bookPnl(pnlE8 - posted);
        ledger.epochs[RecordLib.epoch(a)].bookFinal(pnlE8);
        State next = voided ? State.Voided : State.Final;
        words.a = RecordLib.withState(a, next);
        words.b = RecordLib.withPnl(b, pnlE8);
        bytes32 head = ledger.extend(Entry.Resolved, id, keccak256(abi.encode(next, posted, pnlE8)));
        emit IPredictionValidator.DisputeResolved(id, mandateId, next, int128(posted), int128(pnlE8), head);
    }
}
