// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {WaterfallLib} from "../../contracts/libraries/WaterfallLib.sol";

/// @title The waterfall under any numbers: nothing is lost, nobody jumps the order.
contract WaterfallTest {
    error Broken(string rule);

    function testFuzz_everyUnitIsInExactlyOnePart(int96 pnl, uint64 bond, uint96 assets, uint96 shares, uint96 mark, uint16 fee, uint16 operator, uint16 stakers)
        external
        pure
    {
        WaterfallLib.Terms memory t = _terms(bond, assets, shares, mark, fee, operator, stakers);
        WaterfallLib.Parts memory p = WaterfallLib.split(pnl, t);
        uint256 fees = p.feeOperatorE6 + p.feeStakersE6 + p.feeTreasuryE6;
        if (p.depositorsE6 + int256(fees) - int256(p.bondPaidE6) != pnl) revert Broken("conservation");
    }

    function testFuzz_bondPaysBeforeDepositors(int96 pnl, uint64 bond, uint96 assets, uint96 shares, uint96 mark) external pure {
        WaterfallLib.Terms memory t = _terms(bond, assets, shares, mark, 2000, 5000, 3000);
        WaterfallLib.Parts memory p = WaterfallLib.split(pnl, t);
        if (p.bondPaidE6 > bond) revert Broken("bond overdrawn");
        if (p.depositorsE6 < 0 && p.bondPaidE6 != bond) revert Broken("depositors before bond");
        if (pnl > 0 && p.bondPaidE6 != 0) revert Broken("bond paid on a profit");
        if (pnl <= 0 && p.feeOperatorE6 + p.feeStakersE6 + p.feeTreasuryE6 != 0) revert Broken("fee on a loss");
    }

    function testFuzz_feeOnlyAboveTheMark(uint64 profit, uint96 assets, uint96 shares, uint96 mark) external pure {
        if (profit == 0) return;
        WaterfallLib.Terms memory t = _terms(0, assets, shares, mark, 2000, 5000, 3000);
        WaterfallLib.Parts memory p = WaterfallLib.split(int256(uint256(profit)), t);
        uint256 fees = p.feeOperatorE6 + p.feeStakersE6 + p.feeTreasuryE6;
        uint256 after_ = WaterfallLib.priceE18(uint256(assets) + profit, shares);
        if (fees != 0 && after_ < mark) revert Broken("fee below the mark");
        if (fees > uint256(profit) * 2000 / 1e4) revert Broken("fee above its rate");
        uint256 left = uint256(assets) + uint256(p.depositorsE6);
        uint256 markBefore = WaterfallLib.priceE18(assets, shares);
        uint256 floor = mark < markBefore ? uint256(mark) : markBefore;
        if (WaterfallLib.priceE18(left, shares) < floor) revert Broken("fee pushed the price down");
    }

    function testFuzz_unitsAndCarryMakeTheAmount(int128 amount) external pure {
        (int256 units, uint256 carry) = WaterfallLib.toUnits(amount);
        if (carry > 99) revert Broken("carry");
        if (units * 100 + int256(carry) != amount) revert Broken("remainder");
    }

    function _terms(uint256 bond, uint256 assets, uint256 shares, uint256 mark, uint16 fee, uint16 operator, uint16 stakers)
        private
        pure
        returns (WaterfallLib.Terms memory t)
    {
        t.bondE6 = bond;
        t.assetsE6 = assets;
        t.shares = shares;
        t.highWaterMarkE18 = mark;
        t.performanceFeeBps = fee % 5001;
        t.operatorShareBps = operator % 10001;
        t.stakersShareBps = stakers % (10001 - t.operatorShareBps);
    }
}
