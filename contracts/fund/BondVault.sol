// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IBondVault} from "../interfaces/IBondVault.sol";
import {IFundVault} from "../interfaces/IFundVault.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";

/// @title BondVault
///
/// PROMISES
/// - The bond leaves in two ways only: to the one fund it answers to, as far as a loss goes, and back to the operator
///   after the delay. Until it is out it answers for losses, also while its release is waiting.
/// - What was approved while bond counted is distributed before that bond is out: a release waits for the close of its
///   request's epoch, and no approval counts on bond that is waiting. So no release is an option on a loss.
/// - A release never leaves less than the fund needs for its cash at the venue (`neededBondUsdE6`).
/// - Books of its own: no balance is ever read, so a donation is no bond. No owner: the fund is named once, by the
///   deployer.
///
/// DOES NOT PROMISE
/// - That the bond covers a loss. What it does not cover is the depositors'.
/// - Support for assets that charge on transfer or rebase.
contract BondVault is IBondVault {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    IERC20 private immutable _asset;
    address private immutable _deployer;
    /// @inheritdoc IBondVault
    address public immutable operator;
    /// @inheritdoc IBondVault
    uint64 public immutable releaseDelaySeconds;

    uint96 private _bondE6;
    uint96 private _releasingE6;
    /// @inheritdoc IBondVault
    uint64 public releasableAt;
    /// @inheritdoc IBondVault
    address public vault;
    /// @dev The epoch that approvals counted for when the release was asked for.
    uint32 private _releasingFrom;

    constructor(address asset_, address operator_, uint64 releaseDelaySeconds_) {
        _asset = IERC20(asset_);
        (operator, releaseDelaySeconds) = (operator_, releaseDelaySeconds_);
        _deployer = msg.sender;
    }

    /// @inheritdoc IBondVault
    function setVault(address vault_) external {
        if (msg.sender != _deployer || vault != address(0)) revert BondUnauthorised(msg.sender);
        vault = vault_;
        emit VaultSet(vault_);
    }

    modifier onlyOperator() {
        if (msg.sender != operator) revert BondUnauthorised(msg.sender);
        _;
    }

    /// @inheritdoc IBondVault
    function postBond(uint256 amountUsdE6) external onlyOperator {
        if (amountUsdE6 == 0) revert BondZeroAmount();
        _setBond(_bondE6 + amountUsdE6);
        _asset.safeTransferFrom(msg.sender, address(this), amountUsdE6);
    }

    /// @inheritdoc IBondVault
    function requestRelease(uint256 amountUsdE6) external onlyOperator {
        if (amountUsdE6 > _bondE6) revert BondInsufficient(amountUsdE6, _bondE6);
        _releasingE6 = uint96(amountUsdE6);
        releasableAt = uint64(block.timestamp) + releaseDelaySeconds;
        (_releasingFrom,) = _validator().epochAt(uint64(block.timestamp));
        emit BondReleaseRequested(operator, amountUsdE6, releasableAt);
    }

    /// @inheritdoc IBondVault
    function releaseBond() external onlyOperator returns (uint256 amountUsdE6) {
        if (_releasingE6 == 0) revert BondZeroAmount();
        if (block.timestamp < releasableAt) revert BondTooEarly(block.timestamp, releasableAt);
        (,,, bool windingDown) = IFundVault(vault).depositTerms();
        // in a wind-down nothing new is approved and the whole cash at the venue has to be covered
        if (!windingDown && _validator().currentEpoch() <= _releasingFrom) revert BondEpochOpen(_releasingFrom);
        // what a loss took meanwhile is gone
        amountUsdE6 = Math.min(_releasingE6, _bondE6);
        uint256 left = _bondE6 - amountUsdE6;
        uint256 needed = IFundVault(vault).neededBondUsdE6();
        if (left < needed) revert BondTooLow(left, needed);
        _releasingE6 = 0;
        _setBond(left);
        _asset.safeTransfer(operator, amountUsdE6);
    }

    /// @inheritdoc IBondVault
    function absorbLoss(uint256 lossUsdE6) external returns (uint256 paidUsdE6) {
        if (msg.sender != vault) revert BondUnauthorised(msg.sender);
        paidUsdE6 = Math.min(lossUsdE6, _bondE6);
        if (paidUsdE6 == 0) return 0;
        _bondE6 -= uint96(paidUsdE6);
        emit LossAbsorbed(lossUsdE6, paidUsdE6, _bondE6);
        _asset.safeTransfer(vault, paidUsdE6);
    }

    function _validator() private view returns (IPredictionValidator) {
        return IFundVault(vault).validator();
    }

    function _setBond(uint256 newBondE6) private {
        emit BondChanged(operator, _bondE6, newBondE6);
        _bondE6 = newBondE6.toUint96();
    }

    /// @inheritdoc IBondVault
    function asset() external view returns (address) {
        return address(_asset);
    }

    /// @inheritdoc IBondVault
    function bondUsdE6() external view returns (uint256) {
        return _bondE6;
    }

    /// @inheritdoc IBondVault
    function committedBondUsdE6() external view returns (uint256) {
        return Math.saturatingSub(_bondE6, _releasingE6);
    }

    /// @inheritdoc IBondVault
    function bondReleasingUsdE6() external view returns (uint256) {
        return _releasingE6;
    }
}
