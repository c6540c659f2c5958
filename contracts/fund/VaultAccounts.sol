// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Guarded} from "../core/Guarded.sol";
import {IFundVault, VaultParams} from "../interfaces/IFundVault.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {PayloadLib} from "../libraries/PayloadLib.sol";
import {WaterfallLib} from "../libraries/WaterfallLib.sol";

/// @title The vault's accounts: depositors, operator's bond, cash on its way to and from the venue, fees.
/// @dev `FundVault` adds the close. Amounts are credited before the asset moves in and debited before it moves out.
abstract contract VaultAccounts is IFundVault, Guarded {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    struct Request {
        uint32 epoch;
        uint112 assetsE6;
        uint112 shares;
    }

    struct Pending {
        uint128 depositsE6;
        uint128 redeemShares;
    }

    struct Rate {
        uint128 assets; // with the virtual unit; 0: not closed
        uint128 shares; // with the virtual shares
    }

    struct Flow {
        uint128 sentE6;
        uint128 returnedE6;
    }

    IERC20 public immutable asset;
    IPredictionValidator public immutable validator;
    address public immutable attester;
    /// @inheritdoc IFundVault
    address public immutable operator;
    bytes32 public immutable venueAccountHash;
    address public immutable stakers;
    address public immutable treasury;
    uint256 public immutable residualToleranceE8;
    uint64 public immutable bondReleaseDelaySeconds;
    uint256 public immutable minBondBps;
    uint256 public immutable performanceFeeBps;
    uint256 public immutable operatorShareBps;
    uint256 public immutable stakersShareBps;

    uint96 internal _idleE6;
    uint96 internal _bondE6;
    uint8 internal _carryE8;

    int128 internal _assetsE6;
    uint128 internal _totalShares;

    int128 internal _atVenueE8;
    int128 internal _lastEquityE8;

    uint128 internal _highWaterMarkE18;
    uint128 internal _redemptionsOwedE6;

    uint80 internal _feeOperatorE6;
    uint80 internal _feeStakersE6;
    uint80 internal _feeTreasuryE6;

    uint96 private _releasingE6;
    uint64 private _releasableAt;
    bool private _everSent;
    uint88 private _pendingDepositsE6;

    address public venueDeposit;
    uint64 public venueCapUsdE6;
    /// @inheritdoc IFundVault
    mapping(address account => uint256) public sharesOf;
    /// @inheritdoc IFundVault
    mapping(uint32 epoch => int256) public residualE8;
    mapping(uint32 epoch => Flow) internal _flows;
    mapping(uint32 epoch => Pending) internal _pending;
    mapping(uint32 epoch => Rate) internal _rates;
    mapping(address account => Request) public depositRequests;
    mapping(address account => Request) public redeemRequests;

    constructor(
        address owner_,
        address guardian_,
        address asset_,
        address validator_,
        address attester_,
        address operator_,
        VaultParams memory v
    ) Guarded(owner_, guardian_) {
        if (v.performanceFeeBps > 5000) revert VaultBadBps(v.performanceFeeBps, 5000);
        uint256 shared = uint256(v.operatorShareBps) + v.stakersShareBps;
        if (shared > WaterfallLib.BPS) revert VaultBadBps(shared, WaterfallLib.BPS);
        asset = IERC20(asset_);
        validator = IPredictionValidator(validator_);
        attester = attester_;
        operator = operator_;
        venueAccountHash = v.venueAccountHash;
        (stakers, treasury) = (v.stakers, v.treasury);
        residualToleranceE8 = v.residualToleranceE8;
        bondReleaseDelaySeconds = v.bondReleaseDelaySeconds;
        minBondBps = v.minBondBps;
        performanceFeeBps = v.performanceFeeBps;
        operatorShareBps = v.operatorShareBps;
        stakersShareBps = v.stakersShareBps;
        (venueDeposit, venueCapUsdE6) = (v.venueDeposit, v.venueCapUsdE6);
        emit VenueDepositChanged(address(0), v.venueDeposit);
        emit VenueCapChanged(0, v.venueCapUsdE6);
    }

    /* DEPOSITORS */

    /// @inheritdoc IFundVault
    function deposit(uint256 amountUsdE6) external returns (uint256 shares) {
        if (_everSent || validator.currentEpoch() != 1) revert VaultAlreadyTrading();
        if (amountUsdE6 == 0) revert VaultZeroAmount();
        shares = amountUsdE6 * WaterfallLib.VIRTUAL_SHARES;
        sharesOf[msg.sender] += shares;
        _totalShares += shares.toUint128();
        _assetsE6 += int128(uint128(amountUsdE6.toUint96()));
        _idleE6 += amountUsdE6.toUint96();
        if (_highWaterMarkE18 == 0) _highWaterMarkE18 = uint128(sharePriceE18());
        emit Deposited(msg.sender, amountUsdE6, shares);
        asset.safeTransferFrom(msg.sender, address(this), amountUsdE6);
    }

    /// @inheritdoc IFundVault
    function requestDeposit(uint256 amountUsdE6) external {
        if (amountUsdE6 == 0) revert VaultZeroAmount();
        uint32 epoch = _bookingEpoch();
        Request storage request = depositRequests[msg.sender];
        if (request.assetsE6 != 0 && request.epoch != epoch) revert VaultRequestPending(msg.sender, request.epoch);
        request.epoch = epoch;
        request.assetsE6 = (request.assetsE6 + amountUsdE6).toUint112();
        _pending[epoch].depositsE6 += amountUsdE6.toUint128();
        _pendingDepositsE6 = (_pendingDepositsE6 + amountUsdE6).toUint88();
        emit DepositRequested(msg.sender, epoch, amountUsdE6);
        asset.safeTransferFrom(msg.sender, address(this), amountUsdE6);
    }

    /// @inheritdoc IFundVault
    function cancelDeposit() external {
        Request memory request = depositRequests[msg.sender];
        if (request.assetsE6 == 0) revert VaultNothingToClaim(msg.sender, request.epoch);
        if (request.epoch != _bookingEpoch()) revert VaultCutOffPassed(request.epoch);
        delete depositRequests[msg.sender];
        _pending[request.epoch].depositsE6 -= request.assetsE6;
        _pendingDepositsE6 -= uint88(request.assetsE6); // part of the sum
        emit DepositCancelled(msg.sender, request.epoch, request.assetsE6);
        asset.safeTransfer(msg.sender, request.assetsE6);
    }

    /// @inheritdoc IFundVault
    function claimShares() external returns (uint256 shares) {
        Request memory request = depositRequests[msg.sender];
        if (request.assetsE6 == 0) revert VaultNothingToClaim(msg.sender, request.epoch);
        Rate memory rate = _closedRate(request.epoch);
        delete depositRequests[msg.sender];
        shares = Math.mulDiv(request.assetsE6, rate.shares, rate.assets);
        sharesOf[msg.sender] += shares;
        emit SharesClaimed(msg.sender, request.epoch, request.assetsE6, shares);
    }

    /// @inheritdoc IFundVault
    function requestRedeem(uint256 shares) external {
        if (shares == 0) revert VaultZeroAmount();
        uint256 held = sharesOf[msg.sender];
        if (shares > held) revert VaultInsufficientShares(shares, held);
        uint32 epoch = _bookingEpoch();
        Request storage request = redeemRequests[msg.sender];
        if (request.shares != 0 && request.epoch != epoch) revert VaultRequestPending(msg.sender, request.epoch);
        sharesOf[msg.sender] = held - shares;
        request.epoch = epoch;
        request.shares = (request.shares + shares).toUint112();
        _pending[epoch].redeemShares += shares.toUint128();
        emit RedeemRequested(msg.sender, epoch, shares);
    }

    /// @inheritdoc IFundVault
    function claimRedeem() external returns (uint256 amountUsdE6) {
        Request memory request = redeemRequests[msg.sender];
        if (request.shares == 0) revert VaultNothingToClaim(msg.sender, request.epoch);
        Rate memory rate = _closedRate(request.epoch);
        delete redeemRequests[msg.sender];
        amountUsdE6 = Math.mulDiv(request.shares, rate.assets, rate.shares);
        _redemptionsOwedE6 -= amountUsdE6.toUint128();
        _spendIdle(amountUsdE6);
        emit RedeemClaimed(msg.sender, request.epoch, request.shares, amountUsdE6);
        asset.safeTransfer(msg.sender, amountUsdE6);
    }

    /* OPERATOR */

    /// @inheritdoc IFundVault
    function postBond(uint256 amountUsdE6) external {
        if (msg.sender != operator) revert VaultUnauthorised(msg.sender);
        if (amountUsdE6 == 0) revert VaultZeroAmount();
        uint96 oldBond = _bondE6;
        _bondE6 = oldBond + amountUsdE6.toUint96();
        emit BondChanged(operator, oldBond, _bondE6);
        asset.safeTransferFrom(msg.sender, address(this), amountUsdE6);
    }

    /// @inheritdoc IFundVault
    function requestBondRelease(uint256 amountUsdE6) external {
        if (msg.sender != operator) revert VaultUnauthorised(msg.sender);
        if (amountUsdE6 > _bondE6) revert VaultInsufficientBond(amountUsdE6, _bondE6);
        _releasingE6 = uint96(amountUsdE6);
        _releasableAt = uint64(block.timestamp) + bondReleaseDelaySeconds;
        emit BondReleaseRequested(operator, amountUsdE6, _releasableAt);
    }

    /// @inheritdoc IFundVault
    function releaseBond() external {
        if (msg.sender != operator) revert VaultUnauthorised(msg.sender);
        if (_releasingE6 == 0) revert VaultZeroAmount();
        if (block.timestamp < _releasableAt) revert VaultTooEarly(block.timestamp, _releasableAt);
        // what the waterfall took meanwhile is gone
        uint96 oldBond = _bondE6;
        uint96 amount = uint96(Math.min(_releasingE6, oldBond));
        uint96 newBond = oldBond - amount;
        _checkBond(newBond, _atVenueE8);
        (_bondE6, _releasingE6) = (newBond, 0);
        emit BondChanged(operator, oldBond, newBond);
        asset.safeTransfer(operator, amount);
    }

    /* EXECUTOR */

    /// @inheritdoc IFundVault
    function sendToVenue(uint256 amountUsdE6) external {
        if (msg.sender != validator.executor()) revert VaultUnauthorised(msg.sender);
        if (amountUsdE6 == 0) revert VaultZeroAmount();
        address to = venueDeposit;
        if (to == address(0)) revert VaultVenueUnset();
        int128 oldAtVenue = _atVenueE8;
        int128 newAtVenue = oldAtVenue + int128(uint128(amountUsdE6.toUint96()) * 100);
        if (newAtVenue > int256(uint256(venueCapUsdE6) * 100)) {
            revert VaultVenueCap(uint256(int256(newAtVenue)) / 100, venueCapUsdE6);
        }
        _checkBond(_bondE6, newAtVenue);
        _spendIdle(amountUsdE6);
        (_atVenueE8, _everSent) = (newAtVenue, true);
        _flows[_bookingEpoch()].sentE6 += amountUsdE6.toUint128();
        emit SentToVenue(to, amountUsdE6, oldAtVenue, newAtVenue);
        asset.safeTransfer(to, amountUsdE6);
    }

    /// @inheritdoc IFundVault
    function recordReturn(uint256 amountUsdE6) external {
        if (msg.sender != venueDeposit && msg.sender != validator.executor()) revert VaultUnauthorised(msg.sender);
        if (amountUsdE6 == 0) revert VaultZeroAmount();
        int128 oldAtVenue = _atVenueE8;
        _atVenueE8 = oldAtVenue - int128(uint128(amountUsdE6.toUint96()) * 100);
        _idleE6 += uint96(amountUsdE6);
        _flows[_bookingEpoch()].returnedE6 += uint128(amountUsdE6);
        emit ReturnRecorded(msg.sender, amountUsdE6, oldAtVenue, _atVenueE8);
        asset.safeTransferFrom(msg.sender, address(this), amountUsdE6);
    }

    /* FEES */

    /// @inheritdoc IFundVault
    function claimFees(uint8 account, uint256 amountUsdE6) external {
        uint256 owed = feesOwedE6(account);
        if (amountUsdE6 == 0) revert VaultZeroAmount();
        if (amountUsdE6 > owed) revert VaultInsufficientFees(amountUsdE6, owed);
        uint80 left = uint80(owed - amountUsdE6);
        address to;
        if (account == 0) (_feeOperatorE6, to) = (left, operator);
        else if (account == 1) (_feeStakersE6, to) = (left, stakers);
        else (_feeTreasuryE6, to) = (left, treasury);
        _spendIdle(amountUsdE6);
        emit FeeClaimed(to, account, amountUsdE6);
        asset.safeTransfer(to, amountUsdE6);
    }

    /* OWNER */

    /// @inheritdoc IFundVault
    function setVenueDeposit(address newVenueDeposit) external onlyOwner {
        emit VenueDepositChanged(venueDeposit, newVenueDeposit);
        venueDeposit = newVenueDeposit;
    }

    /// @inheritdoc IFundVault
    function setVenueCapUsdE6(uint256 newCapUsdE6) external onlyOwner {
        emit VenueCapChanged(venueCapUsdE6, newCapUsdE6);
        venueCapUsdE6 = newCapUsdE6.toUint64();
    }

    /* INSIDE */

    /// @dev The epoch a request or a transfer of this moment belongs to.
    function _bookingEpoch() internal view returns (uint32 epoch) {
        (epoch,) = validator.epochAt(uint64(block.timestamp));
    }

    function _spendIdle(uint256 amountE6) private {
        uint96 idle = _idleE6;
        if (amountE6 > idle) revert VaultInsufficientIdle(amountE6, idle);
        _idleE6 = uint96(idle - amountE6);
    }

    function _checkBond(uint256 bondE6, int256 atVenueE8) private view {
        if (atVenueE8 <= 0) return;
        uint256 needed = Math.ceilDiv(uint256(atVenueE8) * minBondBps, 1e6);
        if (bondE6 < needed) revert VaultBondTooLow(bondE6, needed);
    }

    /// @dev Moves bond into the fund's cash.
    function _takeBond(uint256 amountE6) internal {
        uint96 oldBond = _bondE6;
        _bondE6 = uint96(oldBond - amountE6);
        _idleE6 += uint96(amountE6);
        emit BondChanged(operator, oldBond, _bondE6);
    }

    /// @dev One price for everyone who asked in the epoch; both directions are rounded against them.
    function _priceRequests(uint32 epoch) internal {
        uint256 assets = totalAssetsE6() + WaterfallLib.VIRTUAL_ASSETS;
        uint256 shares = _totalShares + WaterfallLib.VIRTUAL_SHARES;
        _rates[epoch] = Rate(assets.toUint128(), shares.toUint128());
        Pending memory pending = _pending[epoch];
        if (pending.depositsE6 == 0 && pending.redeemShares == 0) return;
        uint256 minted = Math.mulDiv(pending.depositsE6, shares, assets);
        uint256 paid = Math.mulDiv(pending.redeemShares, assets, shares);
        bool first = _totalShares == 0;
        _totalShares = (_totalShares + minted - pending.redeemShares).toUint128();
        _assetsE6 += int128(int256(uint256(pending.depositsE6)) - int256(paid));
        _idleE6 += uint256(pending.depositsE6).toUint96();
        _pendingDepositsE6 -= uint88(pending.depositsE6); // part of the sum
        _redemptionsOwedE6 += uint128(paid);
        if (first && _totalShares != 0) _highWaterMarkE18 = uint128(sharePriceE18());
    }

    function _closedRate(uint32 epoch) private view returns (Rate memory rate) {
        rate = _rates[epoch];
        if (rate.assets == 0) revert VaultEpochNotClosed(epoch);
    }

    /* VIEWS */

    /// @inheritdoc IFundVault
    function bondUsdE6() external view returns (uint256) {
        return _bondE6;
    }

    /// @inheritdoc IFundVault
    function bondReleasingUsdE6() external view returns (uint256) {
        return _releasingE6;
    }

    /// @inheritdoc IFundVault
    function pendingDepositsE6() external view returns (uint256) {
        return _pendingDepositsE6;
    }

    /// @inheritdoc IFundVault
    function idleUsdE6() external view returns (uint256) {
        return _idleE6;
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
    function totalShares() external view returns (uint256) {
        return _totalShares;
    }

    /// @inheritdoc IFundVault
    function sharePriceE18() public view returns (uint256) {
        return WaterfallLib.priceE18(totalAssetsE6(), _totalShares);
    }

    /// @inheritdoc IFundVault
    function redemptionsOwedE6() external view returns (uint256) {
        return _redemptionsOwedE6;
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
    function highWaterMarkE18() external view returns (uint256) {
        return _highWaterMarkE18;
    }

    /// @inheritdoc IFundVault
    function transfersOf(uint32 epoch) external view returns (uint256 sentUsdE6, uint256 returnedUsdE6) {
        return (_flows[epoch].sentE6, _flows[epoch].returnedE6);
    }

    /// @inheritdoc IFundVault
    function epochDomain() public view returns (bytes32) {
        return PayloadLib.domain(PayloadLib.EPOCH_TAG);
    }
}
