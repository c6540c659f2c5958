// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {QueueLib} from "../../contracts/libraries/QueueLib.sol";
import {ReconcileLib} from "../../contracts/libraries/ReconcileLib.sol";

/// @title The line of redemptions and the reconciliation under any numbers.
contract QueueTest {
    error Broken(string rule);

    function testFuzz_noMoreIsServedThanWaitsAndTheCapAllows(uint96 waiting, uint96 supply, uint16 cap) external pure {
        uint256 bps = cap % 10001;
        uint256 served = QueueLib.served(waiting, supply, bps);
        if (served > waiting) revert Broken("more than waits");
        if (served > uint256(supply) * bps / 1e4) revert Broken("more than the cap");
        if (served != waiting && served != uint256(supply) * bps / 1e4) revert Broken("less than both");
    }

    function testFuzz_worthRisesAlongTheLineAndMeetsItsEnds(uint88 from, uint64 length, uint64 before, uint64 paid, uint64 a, uint64 b)
        external
        pure
    {
        uint256 start = from;
        uint256 end = start + length;
        (uint256 low, uint256 high) = a < b ? (a, b) : (b, a);
        uint256 worthLow = _worth(start + low, start, end, before, paid);
        uint256 worthHigh = _worth(start + high, start, end, before, paid);
        if (worthLow > worthHigh) revert Broken("falls");
        if (worthLow < before || worthHigh > uint256(before) + paid) revert Broken("outside");
        if (_worth(start, start, end, before, paid) != before) revert Broken("start");
        if (length != 0 && _worth(end, start, end, before, paid) != uint256(before) + paid) revert Broken("end");
    }

    function _worth(uint256 place, uint256 start, uint256 end, uint256 before, uint256 paid) private pure returns (uint256) {
        return QueueLib.paidAt(place, start, before, end, before + paid);
    }

    function testFuzz_aResidualIsEitherShortOrSurplus(int120 residual, uint64 tolerance, bool agree) external pure {
        (int256 short, int256 surplus) = ReconcileLib.signs(residual);
        if (short > 0 || surplus < 0 || short + surplus != residual) revert Broken("signs");
        uint8 cause = ReconcileLib.causeOf(residual, tolerance, agree);
        bool beyond = residual > int256(uint256(tolerance)) || -int256(residual) > int256(uint256(tolerance));
        if ((cause == 2) != beyond) revert Broken("residual");
        if ((cause == 0) != (!beyond && agree)) revert Broken("silence");
    }
}
