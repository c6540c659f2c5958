// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Guarded} from "../core/Guarded.sol";
import {IBondVault} from "../interfaces/IBondVault.sol";
import {IFundVault, VaultParams} from "../interfaces/IFundVault.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {IRiskPolicy} from "../interfaces/IRiskPolicy.sol";
import {PayloadLib} from "../libraries/PayloadLib.sol";
import {QueueLib} from "../libraries/QueueLib.sol";
import {RedeemLib} from "../libraries/RedeemLib.sol";
import {WaterfallLib} from "../libraries/WaterfallLib.sol";

/// @title The fund's books: what is stored, and how it reads. The share is an ERC-20 with 12 decimals.
/// @dev PROMISES: one figure is stored in one place; amounts that belong together share a word.
/// DOES NOT PROMISE that the asset balance equals the books: whoever donates, donates to nobody.
abstract contract FundBooks is ERC20, Guarded, IFundVault {
    using SafeERC20 for IERC20;

    struct Request {
        uint32 epoch;
        uint112 assetsE6;
    }

    struct Flow {
        uint128 sentE6;
        uint128 returnedE6;
    }

    uint256 internal constant MAX_FEE_BPS = 5000;
    uint256 internal constant BREAKER_GAS = 100_000;
    /// @dev A queue that serves nobody would be a trap.
    uint256 internal constant MIN_REDEEM_CAP_BPS = 100;
    uint8 internal constant SHARE_DECIMALS = 12;
    /// @dev Belong to nobody and have no part in any price.
    uint256 internal constant DEAD_SHARES = 1;

    address internal immutable _asset;
    /// @inheritdoc IFundVault
    IPredictionValidator public immutable validator;
    address public immutable attester;
    /// @inheritdoc IFundVault
    address public immutable operator;
    /// @inheritdoc IFundVault
    address public immutable bond;
    bytes32 public immutable venueAccountHash;
    address public immutable stakers;
    address public immutable treasury;
    uint256 public immutable residualToleranceE8;
    uint256 public immutable minBondBps;
    uint256 public immutable operatorShareBps;
    uint256 public immutable stakersShareBps;
    uint64 public immutable silenceSeconds;

    // in this order each group is one word
    int128 internal _assetsE6;
    uint128 internal _highWaterMarkE18;

    int128 internal _atVenueE8;
    int128 internal _lastEquityE8;

    uint96 internal _idleE6;
    uint96 internal _redemptionsOwedE6;
    uint8 internal _carryE8;
    uint56 internal _unexplainedE6; // a statement that leaves more than 72 billion dollars unexplained is refused

    uint80 internal _feeOperatorE6;
    uint80 internal _feeStakersE6;
    uint80 internal _feeTreasuryE6;

    // one word, read by every request
    uint64 internal _minDepositE6;
    uint64 internal _maxDepositE6;
    uint16 internal _redeemCapBps;
    uint16 internal _feeBps;
    uint16 internal _nextFeeBps;
    uint32 internal _nextFeeFrom;
    bool internal _everSent;
    bool internal _windingDown;

    address public venueDeposit;
    uint64 public venueCapUsdE6;
    /// @inheritdoc IFundVault
    address public allocator;
    /// @dev Deposits of closes that priced none, until they are taken back.
    uint96 internal _refundableE6;

    RedeemLib.Line internal _line;
    mapping(uint32 epoch => Flow) internal _flows;
    mapping(address controller => Request) internal _depositRequests;
    mapping(address controller => mapping(address operator => bool)) public isOperator;

    constructor(
        address owner_,
        address guardian_,
        address asset_,
        address validator_,
        address attester_,
        address bond_,
        VaultParams memory v
    ) ERC20("Saksi Fund", "SAKSI-F") Guarded(owner_, guardian_) {
        uint256 shared = uint256(v.operatorShareBps) + v.stakersShareBps;
        if (shared > WaterfallLib.BPS) revert VaultBadBps(shared, WaterfallLib.BPS);
        if (IBondVault(bond_).vault() != address(0) || IBondVault(bond_).asset() != asset_) {
            revert VaultBadBond(bond_);
        }
        _asset = asset_;
        validator = IPredictionValidator(validator_);
        attester = attester_;
        bond = bond_;
        operator = IBondVault(bond_).operator();
        venueAccountHash = v.venueAccountHash;
        (stakers, treasury) = (v.stakers, v.treasury);
        residualToleranceE8 = v.residualToleranceE8;
        silenceSeconds = v.silenceSeconds;
        minBondBps = v.minBondBps;
        operatorShareBps = v.operatorShareBps;
        stakersShareBps = v.stakersShareBps;
        (venueDeposit, venueCapUsdE6) = (v.venueDeposit, v.venueCapUsdE6);
        emit VenueDepositChanged(address(0), v.venueDeposit);
        emit VenueCapChanged(0, v.venueCapUsdE6);
        _setFee(v.performanceFeeBps, 1);
        _feeBps = v.performanceFeeBps;
        _setDepositLimits(v.minDepositUsdE6, v.maxDepositUsdE6);
        _setRedeemCap(v.redeemCapBps);
        // the vault's own balance is paid for here, so that the first request back costs no more than the next
        _mint(address(this), DEAD_SHARES);
    }

    /* TERMS */

    function _setFee(uint256 newBps, uint32 fromEpoch) internal {
        if (newBps > MAX_FEE_BPS) revert VaultBadBps(newBps, MAX_FEE_BPS);
        emit PerformanceFeeChanged(_nextFeeBps, newBps, fromEpoch);
        (_nextFeeBps, _nextFeeFrom) = (uint16(newBps), fromEpoch);
    }

    function _feeOf(uint32 epoch) internal view returns (uint16) {
        return epoch >= _nextFeeFrom ? _nextFeeBps : _feeBps;
    }

    function _setDepositLimits(uint256 newMinE6, uint256 newMaxE6) internal {
        if (newMinE6 == 0 || newMinE6 > newMaxE6 || newMaxE6 > type(uint64).max) {
            revert VaultDepositLimit(newMinE6, 1, newMaxE6);
        }
        emit DepositLimitsChanged(_minDepositE6, newMinE6, _maxDepositE6, newMaxE6);
        (_minDepositE6, _maxDepositE6) = (uint64(newMinE6), uint64(newMaxE6));
    }

    function _setRedeemCap(uint256 newCapBps) internal {
        if (newCapBps < MIN_REDEEM_CAP_BPS || newCapBps > WaterfallLib.BPS) {
            revert VaultBadBps(newCapBps, WaterfallLib.BPS);
        }
        emit RedeemCapChanged(_redeemCapBps, newCapBps);
        _redeemCapBps = uint16(newCapBps);
    }

    /* INSIDE */

    /// @dev The epoch a request or a transfer of this moment belongs to.
    function _bookingEpoch() internal view returns (uint32 epoch) {
        (epoch,) = validator.epochAt(uint64(block.timestamp));
    }

    function _currentEpoch() internal view returns (uint32) {
        return validator.currentEpoch();
    }

    function _shares() internal view returns (uint256) {
        return totalSupply() - DEAD_SHARES;
    }

    /// @dev Cash that nobody who left waits for.
    function _freeE6() internal view returns (uint256) {
        return Math.saturatingSub(_idleE6, _redemptionsOwedE6);
    }

    function _spendFree(uint256 amountE6) internal {
        uint256 free = _freeE6();
        if (amountE6 > free) revert VaultInsufficientIdle(amountE6, free);
        _idleE6 -= uint96(amountE6);
    }

    function _pull(address from, uint256 amountE6) internal {
        IERC20(_asset).safeTransferFrom(from, address(this), amountE6);
    }

    function _pay(address to, uint256 amountE6) internal {
        IERC20(_asset).safeTransfer(to, amountE6);
    }

    /// @dev The policy is replaceable: one that will not stop new risk may not hold up a close or the end as well.
    function _tripBreaker(uint8 cause) internal {
        address policy = validator.policy();
        (bool tripped,) = policy.call{gas: BREAKER_GAS}(abi.encodeCall(IRiskPolicy.tripBreaker, (cause)));
        if (!tripped) emit BreakerRefused(policy, cause);
    }

    /* VIEWS OF AMOUNTS */

    /// @inheritdoc IFundVault
    function bondUsdE6() public view returns (uint256) {
        return IBondVault(bond).bondUsdE6();
    }

    /// @inheritdoc IFundVault
    function neededBondUsdE6() external view returns (uint256) {
        return _neededBondE6(_atVenueE8);
    }

    function _neededBondE6(int256 atVenueE8) internal view returns (uint256) {
        if (atVenueE8 <= 0) return 0;
        return Math.ceilDiv(uint256(atVenueE8) * (_windingDown ? WaterfallLib.BPS : minBondBps), 1e6);
    }

    /// @inheritdoc IFundVault
    function idleUsdE6() external view returns (uint256) {
        return _idleE6;
    }

    /// @inheritdoc IFundVault
    function pendingDepositsE6() external view returns (uint256) {
        uint32 epoch = _currentEpoch();
        return uint256(_line.epochs[epoch].depositsE6) + _line.epochs[epoch + 1].depositsE6 + _refundableE6;
    }

    /// @inheritdoc IFundVault
    function redemptionsOwedE6() external view returns (uint256) {
        return _redemptionsOwedE6;
    }

    /// @inheritdoc IFundVault
    function receivableAtVenueE8() external view returns (int256) {
        return _atVenueE8;
    }

    /// @inheritdoc IFundVault
    function totalAssetsE6() public view returns (uint256) {
        return _assetsE6 > 0 ? uint256(int256(_assetsE6)) : 0;
    }

    /// @inheritdoc IFundVault
    function sharePriceE18() public view returns (uint256) {
        return WaterfallLib.priceE18(totalAssetsE6(), _shares());
    }

    /// @inheritdoc IFundVault
    function feesOwedE6(uint8 account) public view returns (uint256) {
        if (account == 0) return _feeOperatorE6;
        return account == 1 ? _feeStakersE6 : _feeTreasuryE6;
    }

    /// @inheritdoc IFundVault
    function carryE8() external view returns (uint256) {
        return _carryE8;
    }

    /// @inheritdoc IFundVault
    function unexplainedUsdE6() external view returns (uint256) {
        return _unexplainedE6;
    }

    /// @inheritdoc IFundVault
    function highWaterMarkE18() external view returns (uint256) {
        return _highWaterMarkE18;
    }

    /// @inheritdoc IFundVault
    function performanceFeeBps() external view returns (uint256) {
        return _feeOf(_currentEpoch());
    }

    /// @inheritdoc IFundVault
    function depositTerms()
        external
        view
        returns (uint256 minDepositUsdE6, uint256 maxDepositUsdE6, uint256 redeemCapBps, bool windingDown)
    {
        return (_minDepositE6, _maxDepositE6, _redeemCapBps, _windingDown);
    }

    /// @inheritdoc IFundVault
    function epochOf(uint32 number) external view returns (QueueLib.Epoch memory) {
        return _line.epochs[number];
    }

    /// @inheritdoc IFundVault
    function transfersOf(uint32 epoch) external view returns (uint256 sentUsdE6, uint256 returnedUsdE6) {
        return (_flows[epoch].sentE6, _flows[epoch].returnedE6);
    }

    /// @inheritdoc IFundVault
    function epochDomain() public view returns (bytes32) {
        return PayloadLib.domain(PayloadLib.EPOCH_TAG);
    }

    /* ERC-4626 */

    function asset() external view returns (address) {
        return _asset;
    }

    /// @inheritdoc IFundVault
    function share() external view returns (address) {
        return address(this);
    }

    function decimals() public pure override(ERC20, IERC20Metadata) returns (uint8) {
        return SHARE_DECIMALS;
    }

    function totalAssets() external view returns (uint256) {
        return totalAssetsE6();
    }

    /// @dev At the price of the last close and the transfers since; a request gets the price of its own close.
    function convertToShares(uint256 assets) external view returns (uint256) {
        (uint256 priceAssets, uint256 priceShares) = _priceNow();
        return Math.mulDiv(assets, priceShares, priceAssets);
    }

    function convertToAssets(uint256 shares) external view returns (uint256) {
        (uint256 priceAssets, uint256 priceShares) = _priceNow();
        return Math.mulDiv(shares, priceAssets, priceShares);
    }

    function _priceNow() private view returns (uint256 assets, uint256 shares) {
        return (totalAssetsE6() + WaterfallLib.VIRTUAL_ASSETS, _shares() + WaterfallLib.VIRTUAL_SHARES);
    }

    function previewDeposit(uint256) external pure returns (uint256) {
        revert VaultPreviewUnsupported();
    }

    function previewMint(uint256) external pure returns (uint256) {
        revert VaultPreviewUnsupported();
    }

    function previewRedeem(uint256) external pure returns (uint256) {
        revert VaultPreviewUnsupported();
    }

    function previewWithdraw(uint256) external pure returns (uint256) {
        revert VaultPreviewUnsupported();
    }
}
