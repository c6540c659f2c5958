// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";

/// @title A price feed with one round that says whatever it is told, or does not answer for its latest. Tests only.
contract MockFeed is AggregatorV3Interface {
    uint80 private constant ONLY = 1;
    int256 private _answer;
    uint256 private _updatedAt;
    bool private _speechless;

    error MockFeedSilent();

    function set(int256 answer, uint256 updatedAt, bool speechless) external {
        (_answer, _updatedAt, _speechless) = (answer, updatedAt, speechless);
    }

    function getRoundData(uint80 round) external view returns (uint80, int256, uint256, uint256, uint80) {
        if (round != ONLY) revert MockFeedSilent();
        return (ONLY, _answer, _updatedAt, _updatedAt, ONLY);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        if (_speechless) revert MockFeedSilent();
        return (ONLY, _answer, _updatedAt, _updatedAt, ONLY);
    }

    function decimals() external pure returns (uint8) {
        return 8;
    }

    function description() external pure returns (string memory) {
        return "told";
    }

    function version() external pure returns (uint256) {
        return 1;
    }
}
