// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Reveal} from "../interfaces/Types.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {BandLib} from "./BandLib.sol";
import {PayloadLib} from "./PayloadLib.sol";
import {PredictionLib} from "./PredictionLib.sol";
import {Reasons} from "./Reasons.sol";
import {Status} from "./Status.sol";

/// @title What the contract found out of the ordinary about a settled trip. Recorded, never a revert.
library SettlementFlags {
    uint256 internal constant ENTRY_EARLY = 1 << 0;
    uint256 internal constant ENTRY_LATE = 1 << 1;
    uint256 internal constant EXIT_LATE = 1 << 2;
    uint256 internal constant ENTRY_OFF_MARKET = 1 << 3;
    uint256 internal constant EXIT_OFF_MARKET = 1 << 4;
    uint256 internal constant OVER_LOSS = 1 << 5;
    uint256 internal constant OVER_QUANTITY = 1 << 6;
    uint256 internal constant OVER_NOTIONAL = 1 << 7;
    uint256 internal constant WORSE_THAN_LIMIT = 1 << 8;
    uint256 internal constant ENTRY_ROUND_MISSING = 1 << 9;
    uint256 internal constant EXIT_ROUND_MISSING = 1 << 10;
    uint256 internal constant AFTER_EXPIRY = 1 << 11;
    uint256 internal constant AFTER_REVOCATION = 1 << 12;
    uint256 internal constant RULE_BROKEN = 1 << 13; // the seal hid what would not have been approved
    uint256 internal constant REVEAL_MISMATCH = 1 << 14; // the attesters say that nothing opens the seal

    /// @notice Found by the attesters: nobody produced a reveal that opens the seal.
    uint256 internal constant WITNESSED_UNOPENED = 1 << 15;

    /// @notice What makes the dispute window longer and the stake behind the mandate liable.
    uint256 internal constant VIOLATIONS =
        ENTRY_OFF_MARKET | EXIT_OFF_MARKET | OVER_LOSS | OVER_QUANTITY | OVER_NOTIONAL | RULE_BROKEN | REVEAL_MISMATCH;
}

/// @title The witnessed settlement: decoding, profit and loss, comparison with what was promised.
/// @dev A deployed library that the validator calls; it reads the feed and keeps no state.
library SettlementLib {
    using PayloadLib for bytes;

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
}
