// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title SaksiTimelock
///
/// PROMISES. Only the governor puts calls in, and takes them out again; anyone may carry a call out once its delay has
/// passed. No administrator exists, from the first block on, but the timelock itself. A call that nobody carries out
/// within `executionWindowSeconds` lapses, and the delay stays at most `maxDelaySeconds`: so it is known for how long
/// after a vote it can take effect, and that stake which voted for it is still in the vault (`SaksiGovernor`).
///
/// DOES NOT PROMISE. To understand what it carries out. It holds the treasury and owns the other contracts.
contract SaksiTimelock is TimelockController {
    uint64 public immutable maxDelaySeconds;
    uint64 public immutable executionWindowSeconds;

    error TimelockDelayTooLong(uint256 givenSeconds, uint256 limitSeconds);

    /// @param governor the governor's address, which may be that of a contract still to be deployed.
    constructor(uint64 minDelaySeconds, uint64 maxDelaySeconds_, uint64 executionWindowSeconds_, address governor)
        TimelockController(minDelaySeconds, _one(governor), _one(address(0)), address(0))
    {
        if (minDelaySeconds > maxDelaySeconds_) revert TimelockDelayTooLong(minDelaySeconds, maxDelaySeconds_);
        (maxDelaySeconds, executionWindowSeconds) = (maxDelaySeconds_, executionWindowSeconds_);
    }

    /// @inheritdoc TimelockController
    /// @dev A lapsed call is as if it had never been scheduled.
    function getOperationState(bytes32 id) public view override returns (OperationState state) {
        state = super.getOperationState(id);
        if (state == OperationState.Ready && block.timestamp > getTimestamp(id) + executionWindowSeconds) {
            return OperationState.Unset;
        }
    }

    /// @inheritdoc TimelockController
    function updateDelay(uint256 newDelaySeconds) public override {
        if (newDelaySeconds > maxDelaySeconds) revert TimelockDelayTooLong(newDelaySeconds, maxDelaySeconds);
        super.updateDelay(newDelaySeconds);
    }

    function _one(address account) private pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = account;
    }
}
