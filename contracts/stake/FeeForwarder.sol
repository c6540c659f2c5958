// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IStakeVault} from "../interfaces/IStakeVault.sol";

/// @title FeeForwarder
///
/// PROMISES. Whatever it holds goes to the signallers of one mandate and nowhere else; anyone may send it on. It is the
/// `stakers` address of a fund: the fund pays its stakers' fee by a plain transfer, which `StakeVault` does not notice.
///
/// DOES NOT PROMISE. That anyone is signalled; until somebody is, the fees wait here.
contract FeeForwarder {
    using SafeERC20 for IERC20;

    IStakeVault public immutable stakeVault;
    IERC20 public immutable asset;
    bytes32 public immutable mandateId;

    error ForwarderNothingToForward();

    constructor(address stakeVault_, address asset_, bytes32 mandateId_) {
        (stakeVault, asset, mandateId) = (IStakeVault(stakeVault_), IERC20(asset_), mandateId_);
    }

    /// @notice Pays everything held to the mandate's signallers.
    function forwardFees() external returns (uint256 amountUsdE6) {
        amountUsdE6 = asset.balanceOf(address(this));
        if (amountUsdE6 == 0) revert ForwarderNothingToForward();
        asset.forceApprove(address(stakeVault), amountUsdE6);
        stakeVault.notifyFees(mandateId, amountUsdE6);
    }
}
