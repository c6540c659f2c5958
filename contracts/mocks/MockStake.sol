// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISlashableStake} from "../interfaces/IDisputeCourt.sol";

/// @title Stake behind mandates that only notes what is slashed. Tests only.
contract MockStake is ISlashableStake {
    mapping(bytes32 mandateId => uint256) public signalOf;

    event Slashed(bytes32 indexed mandateId, uint256 amountSaksi, address recipient, bytes32 reasonHash);

    function setSignal(bytes32 mandateId, uint256 amountSaksi) external {
        signalOf[mandateId] = amountSaksi;
    }

    function slash(bytes32 mandateId, uint256 amountSaksi, address recipient, bytes32 reasonHash) external {
        signalOf[mandateId] -= amountSaksi;
        emit Slashed(mandateId, amountSaksi, recipient, reasonHash);
    }
}
