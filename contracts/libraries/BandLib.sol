// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";

/// @title Was a fill made at the market? The feed's own history answers.
library BandLib {
    enum Answer {
        Inside,
        Outside,
        NoRound,
        BadHint
    }

    /// @notice Compares an average fill price with the feed round in force at the time of the fill.
    /// @param round hint: updatedAt(round) <= time < updatedAt(round + 1), or round is the latest; 0 claims that the
    /// feed's first round is later than `time`.
    function check(address feed, uint80 round, uint256 time, uint256 quoteE8, uint256 qtyE8, uint256 bandBps)
        internal
        view
        returns (Answer)
    {
        if (round == 0) {
            (bool known, uint256 firstAt,) = _round(feed, 1);
            return known && firstAt <= time ? Answer.BadHint : Answer.NoRound;
        }
        (bool found, uint256 updatedAt, int256 answer) = _round(feed, round);
        if (!found || updatedAt > time) return Answer.BadHint;
        (bool followed, uint256 nextAt,) = _round(feed, round + 1);
        if (followed ? nextAt <= time : !_isLatest(feed, round)) return Answer.BadHint;
        if (answer <= 0 || answer > type(int128).max) return Answer.Outside;

        uint256 fair = qtyE8 * uint256(answer); // E16
        uint256 paid = quoteE8 * 1e8; // E16
        uint256 distance = paid > fair ? paid - fair : fair - paid;
        return distance <= fair / 1e4 * bandBps ? Answer.Inside : Answer.Outside;
    }

    function _round(address feed, uint80 round)
        private
        view
        returns (bool found, uint256 updatedAt, int256 answer)
    {
        try AggregatorV3Interface(feed).getRoundData(round) returns (
            uint80, int256 answer_, uint256, uint256 updatedAt_, uint80
        ) {
            return (updatedAt_ != 0, updatedAt_, answer_);
        } catch {
            return (false, 0, 0);
        }
    }

    function _isLatest(address feed, uint80 round) private view returns (bool) {
        try AggregatorV3Interface(feed).latestRoundData() returns (uint80 id, int256, uint256, uint256, uint80) {
            return id == round;
        } catch {
            return false;
        }
    }
}
