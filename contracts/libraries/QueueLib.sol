// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The line of shares that wait for redemption. Pure.
/// @dev All shares ever asked back stand in one line, epoch behind epoch. A close serves the line from its front, as far
/// as the epoch's cap goes, at one price; it writes how far the line reaches, how far it is served and what that cost.
/// Requests of one epoch share their stretch of the line in proportion. No close looks at a request, none at an epoch
/// other than its own and the last.
library QueueLib {
    /// @dev An epoch, before and after its close. Two words; who asks first pays for the word he asks in, so that the
    /// close finds both written.
    struct Epoch {
        uint64 depositsE6; // asked for in the epoch
        uint96 assetsE6; // entry price, if a deposit was priced: these assets, the virtual unit included, for ...
        uint96 shares; // ... these shares, the virtual ones included
        uint88 requestedShares; // until the close what was asked back in the epoch, then the end of the line
        uint88 servedShares; // how far the line is served
        uint72 paidE6; // what all served shares were worth
        bool closed;
    }

    /// @notice How many of the waiting shares an epoch serves.
    function served(uint256 waitingShares, uint256 supply, uint256 capBps) internal pure returns (uint256) {
        return Math.min(waitingShares, Math.mulDiv(supply, capBps, 1e4));
    }

    /// @notice What the shares up to a place of the line were worth, where one close served it: from the close before
    /// (`servedBefore`, `paidBefore`) in a straight line to its own figures. Rounded down.
    function paidAt(uint256 place, uint256 servedBefore, uint256 paidBefore, uint256 served_, uint256 paid)
        internal
        pure
        returns (uint256)
    {
        if (place <= servedBefore) return paidBefore;
        if (place >= served_) return paid;
        return paidBefore + Math.mulDiv(place - servedBefore, paid - paidBefore, served_ - servedBefore);
    }
}
