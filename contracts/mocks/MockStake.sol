// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISlashableStake} from "../interfaces/IDisputeCourt.sol";

/// @title Stake behind mandates that only notes what is slashed. Tests only.
contract MockStake is ISlashableStake {
    uint64 public constant unbondingSeconds = 14 days;

    mapping(bytes32 mandateId => uint256) public signalOf;

    event Slashed(
        bytes32 indexed mandateId,
        uint256 amountSaksi,
        uint64 capturedAt,
        address recipient,
        bytes32 reasonHash
    );

    function setSignal(bytes32 mandateId, uint256 amountSaksi) external {
        signalOf[mandateId] = amountSaksi;
    }

    function slashable(bytes32 mandateId, uint64) external view returns (uint256) {
        return signalOf[mandateId];
    }

    function slash(
        bytes32 mandateId,
        uint256 amountSaksi,
        uint64 capturedAt,
        address recipient,
        bytes32 reasonHash
    ) external returns (uint256, uint256) {
        signalOf[mandateId] -= amountSaksi;
        emit Slashed(mandateId, amountSaksi, capturedAt, recipient, reasonHash);
        return (1, amountSaksi);
    }
}
