// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The part of Chainlink's FunctionsRouter a client calls.
interface IFunctionsRouter {
    function sendRequest(
        uint64 subscriptionId,
        bytes calldata data,
        uint16 dataVersion,
        uint32 callbackGasLimit,
        bytes32 donId
    ) external returns (bytes32 requestId);
}

/// @title What Chainlink's FunctionsRouter calls back.
interface IFunctionsClient {
    function handleOracleFulfillment(bytes32 requestId, bytes calldata response, bytes calldata err) external;
}
