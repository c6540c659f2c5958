// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SettlementLib} from "./SettlementLib.sol";

/// @title The fills of one trip, as the witnesses hashed them, added up.
/// @dev A row has 105 bytes: fill id 16, order id 16, leg 1 (1 entry, 2 exit), time 8 (milliseconds), price 16, quantity
/// 16, quote 16 (all E8), fee 16 (E8, signed, positive: paid). Rows lie in ascending order of time, then fill id.
library FillsLib {
    uint256 internal constant ROW_BYTES = 105;
    uint256 internal constant MAX_FILLS = 32;

    /// @notice The sums a statement should have had; funding is not in the fills and is left zero.
    /// @dev The caller has checked that `rows` are at most `MAX_FILLS` whole rows.
    /// @return f sums, times in seconds, counts.
    /// @return closed false if the rows are no round trip: a row twice or out of order, another leg, or other quantities
    /// on the way out than on the way in.
    function sum(bytes calldata rows) internal pure returns (SettlementLib.Fills memory f, bool closed) {
        uint256 exitQtyE8;
        uint256 previous;
        closed = true;
        // 32 amounts of 128 bits each: no sum reaches 2^134
        unchecked {
            for (uint256 offset = 0; offset < rows.length; offset += ROW_BYTES) {
                uint256 leg = _field(rows, offset + 32, 8);
                uint256 timeMs = _field(rows, offset + 33, 64);
                uint256 order = (timeMs << 128) | _field(rows, offset, 128);
                if (order <= previous || leg == 0 || leg > 2) closed = false;
                previous = order;
                uint256 qtyE8 = _field(rows, offset + 57, 128);
                uint256 quoteE8 = _field(rows, offset + 73, 128);
                f.feeE8 += int128(uint128(_field(rows, offset + 89, 128)));
                if (leg == 1) {
                    if (f.entryFills++ == 0) f.entryFirstAt = timeMs / 1000;
                    f.entryLastAt = timeMs / 1000;
                    f.qtyE8 += qtyE8;
                    f.entryQuoteE8 += quoteE8;
                } else {
                    ++f.exitFills;
                    f.exitLastAt = timeMs / 1000;
                    exitQtyE8 += qtyE8;
                    f.exitQuoteE8 += quoteE8;
                }
            }
        }
        if (f.qtyE8 != exitQtyE8 || f.qtyE8 == 0) closed = false;
    }

    /// @notice True if a statement says of the fills what they add up to.
    function agrees(SettlementLib.Fills memory said, SettlementLib.Fills memory found) internal pure returns (bool) {
        return said.entryQuoteE8 == found.entryQuoteE8 && said.exitQuoteE8 == found.exitQuoteE8
            && said.qtyE8 == found.qtyE8 && said.feeE8 == found.feeE8 && said.entryFirstAt == found.entryFirstAt
            && said.entryLastAt == found.entryLastAt && said.exitLastAt == found.exitLastAt
            && said.entryFills == found.entryFills && said.exitFills == found.exitFills;
    }

    function _field(bytes calldata rows, uint256 offset, uint256 bits) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(sub(256, bits), calldataload(add(rows.offset, offset)))
        }
    }
}
