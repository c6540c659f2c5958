// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISignals} from "../interfaces/IAllocator.sol";

/// @title Signals that anyone sets: tests only.
contract MockSignals is ISignals {
    mapping(bytes32 mandateId => uint256) public signalOf;
    uint256 public totalSignal;

    function set(bytes32 mandateId, uint256 signal) external {
        totalSignal = totalSignal - signalOf[mandateId] + signal;
        signalOf[mandateId] = signal;
    }
}
