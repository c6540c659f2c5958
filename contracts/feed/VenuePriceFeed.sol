// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";

/// @title VenuePriceFeed
///
/// PROMISES. Chainlink's interface with 8 decimals over prices that one feeder pushes. Every round is kept for ever, so
/// that a later settlement can be compared with the price at the time of its fill. Rounds start at 1, their times
/// strictly rise, none lies in the future, no answer is zero or negative.
///
/// DOES NOT PROMISE. That the feeder is honest or prompt: the policy's heartbeat and the attesters' second source are
/// there for that. Where Chainlink serves the pair, its proxy is used in place of this contract.
contract VenuePriceFeed is AggregatorV3Interface, Ownable2Step {
    struct Round {
        uint128 answer;
        uint40 startedAt;
        uint40 updatedAt;
        uint48 id;
    }

    address public feeder;
    string private _description;
    /// @dev A copy of the last one, so that who asks for the price reads one slot.
    Round private _latest;
    mapping(uint80 roundId => Round) private _rounds;

    event FeederChanged(address indexed oldFeeder, address indexed newFeeder);
    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    error FeedUnauthorised(address caller);
    error FeedNoRound(uint80 roundId);
    error FeedBadAnswer(int256 answer);
    error FeedBadTime(uint256 updatedAt, uint256 after_, uint256 notAfter);

    constructor(address owner_, address feeder_, string memory description_) Ownable(owner_) {
        feeder = feeder_;
        _description = description_;
        emit FeederChanged(address(0), feeder_);
    }

    function setFeeder(address newFeeder) external onlyOwner {
        emit FeederChanged(feeder, newFeeder);
        feeder = newFeeder;
    }

    /// @notice Stores a price observed at `updatedAt` (unix seconds) as the next round.
    function push(int256 answerE8, uint64 updatedAt) external returns (uint80 roundId) {
        if (msg.sender != feeder) revert FeedUnauthorised(msg.sender);
        if (answerE8 <= 0 || answerE8 > type(int128).max) revert FeedBadAnswer(answerE8);
        Round memory round = _latest;
        uint64 previousAt = round.updatedAt;
        if (updatedAt <= previousAt || updatedAt > block.timestamp) {
            revert FeedBadTime(updatedAt, previousAt, block.timestamp);
        }
        roundId = round.id + 1;
        round = Round(uint128(uint256(answerE8)), uint40(block.timestamp), uint40(updatedAt), uint48(roundId));
        _rounds[roundId] = _latest = round;
        emit AnswerUpdated(answerE8, roundId, updatedAt);
    }

    /// @notice The round in force at `time`: what a settlement hands in as its hint. 0 before the first round.
    function roundAt(uint64 time) external view returns (uint80) {
        uint80 low = 0;
        uint80 high = _latest.id;
        while (low < high) {
            uint80 middle = (low + high + 1) / 2;
            if (_rounds[middle].updatedAt <= time) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    /// @notice The number of the last round, 0 before the first.
    function latestRound() external view returns (uint80) {
        return _latest.id;
    }

    function decimals() external pure returns (uint8) {
        return 8;
    }

    function description() external view returns (string memory) {
        return _description;
    }

    function version() external pure returns (uint256) {
        return 1;
    }

    function getRoundData(uint80 roundId) external view returns (uint80, int256, uint256, uint256, uint80) {
        return _answer(roundId, _rounds[roundId]);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return _answer(_latest.id, _latest);
    }

    function _answer(uint80 roundId, Round memory round)
        private
        pure
        returns (uint80, int256, uint256, uint256, uint80)
    {
        if (round.updatedAt == 0) revert FeedNoRound(roundId);
        return (roundId, int256(uint256(round.answer)), round.startedAt, round.updatedAt, roundId);
    }
}
