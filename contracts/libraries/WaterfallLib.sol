// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Who bears a loss and who shares a profit. Pure, and exact to the last unit.
/// @dev pnlE6 = depositorsE6 + feeOperatorE6 + feeStakersE6 + feeTreasuryE6 - bondPaidE6, always.
library WaterfallLib {
    uint256 internal constant BPS = 1e4;
    uint256 internal constant PRICE_SCALE = 1e18;
    /// @dev One asset unit starts as a million shares; a donation cannot inflate the price of the first.
    uint256 internal constant VIRTUAL_SHARES = 1e6;
    uint256 internal constant VIRTUAL_ASSETS = 1;

    struct Terms {
        uint256 bondE6; // what can still be taken from the operator
        uint256 assetsE6; // depositors' assets before
        uint256 shares;
        uint256 highWaterMarkE18;
        uint256 performanceFeeBps;
        uint256 operatorShareBps; // of the fee
        uint256 stakersShareBps; // of the fee; the treasury has the rest
    }

    struct Parts {
        uint256 bondPaidE6;
        uint256 feeOperatorE6;
        uint256 feeStakersE6;
        uint256 feeTreasuryE6;
        int256 depositorsE6;
    }

    /// @notice Assets for each share, times 1e18, rounded down.
    function priceE18(uint256 assetsE6, uint256 shares) internal pure returns (uint256) {
        return Math.mulDiv(assetsE6 + VIRTUAL_ASSETS, PRICE_SCALE, shares + VIRTUAL_SHARES);
    }

    /// @notice Splits a whole-unit result.
    function split(int256 pnlE6, Terms memory t) internal pure returns (Parts memory parts) {
        if (pnlE6 <= 0) {
            uint256 loss = uint256(-pnlE6);
            parts.bondPaidE6 = Math.min(loss, t.bondE6);
            parts.depositorsE6 = -int256(loss - parts.bondPaidE6);
            return parts;
        }
        uint256 profit = uint256(pnlE6);
        uint256 fee = Math.min(profit, gainOverMark(t.assetsE6 + profit, t.shares, t.highWaterMarkE18))
            * t.performanceFeeBps / BPS;
        parts.feeOperatorE6 = fee * t.operatorShareBps / BPS;
        parts.feeStakersE6 = fee * t.stakersShareBps / BPS;
        parts.feeTreasuryE6 = fee - parts.feeOperatorE6 - parts.feeStakersE6;
        parts.depositorsE6 = int256(profit - fee);
    }

    /// @notice What the assets exceed the high-water mark by; nothing while nobody holds a share.
    function gainOverMark(uint256 assetsE6, uint256 shares, uint256 markE18) internal pure returns (uint256) {
        if (shares == 0) return 0;
        uint256 atMark = Math.mulDiv(markE18, shares + VIRTUAL_SHARES, PRICE_SCALE, Math.Rounding.Ceil);
        uint256 held = assetsE6 + VIRTUAL_ASSETS;
        return held > atMark ? held - atMark : 0;
    }

    /// @notice E8 to whole E6 units, rounded down; the rest, 0 to 99, stays in the carry.
    function toUnits(int256 amountE8) internal pure returns (int256 unitsE6, uint256 carryE8) {
        unitsE6 = amountE8 / 100;
        if (amountE8 < 0 && amountE8 % 100 != 0) --unitsE6;
        carryE8 = uint256(amountE8 - unitsE6 * 100);
    }
}
