// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IFunctionsClient, IFunctionsRouter} from "../interfaces/IChainlinkFunctions.sol";

/// @title A Chainlink Functions router whose answers the test writes.
contract MockFunctionsRouter is IFunctionsRouter {
    struct Sent {
        address client;
        uint64 subscriptionId;
        uint16 dataVersion;
        uint32 callbackGasLimit;
        bytes32 donId;
        bytes data;
    }

    uint256 private _count;
    mapping(bytes32 requestId => Sent) private _sent;

    event Requested(bytes32 indexed requestId);
    event Processed(bytes32 indexed requestId, bool success);

    function sendRequest(
        uint64 subscriptionId,
        bytes calldata data,
        uint16 dataVersion,
        uint32 callbackGasLimit,
        bytes32 donId
    ) external returns (bytes32 requestId) {
        requestId = keccak256(abi.encode(address(this), ++_count));
        _sent[requestId] = Sent(msg.sender, subscriptionId, dataVersion, callbackGasLimit, donId, data);
        emit Requested(requestId);
    }

    /// @notice Calls the client back with the gas it asked for, as the real router does.
    function fulfil(bytes32 requestId, bytes calldata response, bytes calldata err) external returns (bool success) {
        Sent storage sent = _sent[requestId];
        (success,) = sent.client.call{gas: sent.callbackGasLimit}(
            abi.encodeCall(IFunctionsClient.handleOracleFulfillment, (requestId, response, err))
        );
        emit Processed(requestId, success);
    }

    function request(bytes32 requestId) external view returns (Sent memory) {
        return _sent[requestId];
    }
}
