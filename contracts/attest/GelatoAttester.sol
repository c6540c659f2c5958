// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IAttestationSink} from "../interfaces/IAttestationSink.sol";

/// @title GelatoAttester
///
/// PROMISES. A payload goes on only from one sender: Gelato's dedicated sender, or whatever took its place (an
/// OpenZeppelin Relayer, a Lambda's key). The owner names it.
///
/// DOES NOT PROMISE. Any consensus: one key decides, so the validator knows this transport as level 1, and mandates of
/// real size ask for more. It can never claim that inference was recomputed: the validator masks the flag.
contract GelatoAttester is Ownable2Step {
    IAttestationSink public immutable sink;
    address public executor;

    event ExecutorChanged(address indexed oldExecutor, address indexed newExecutor);

    error GelatoUnauthorised(address caller);

    constructor(address owner_, address sink_, address executor_) Ownable(owner_) {
        sink = IAttestationSink(sink_);
        executor = executor_;
        emit ExecutorChanged(address(0), executor_);
    }

    /// @notice Delivers the verdict on a registered prediction (executor only).
    function submit(bytes calldata payload) external returns (uint8 status) {
        if (msg.sender != executor) revert GelatoUnauthorised(msg.sender);
        return sink.submit(payload);
    }

    function setExecutor(address newExecutor) external onlyOwner {
        emit ExecutorChanged(executor, newExecutor);
        executor = newExecutor;
    }
}
