// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IBondVault} from "../interfaces/IBondVault.sol";
import {IFundVault} from "../interfaces/IFundVault.sol";
import {FundRequests} from "./FundRequests.sol";

/// @title Cash to and from the venue, fees, the owner's terms, and the end of the fund.
/// @dev PROMISES: cash goes to the venue's address, to depositors, and to the three fee accounts, and nowhere else; what
/// those who left wait for is sent to neither venue nor fee account. A wind-down cannot be undone.
/// DOES NOT PROMISE that a wind-down brings the venue's cash back: it shares what is there.
abstract contract FundCash is FundRequests {
    using SafeCast for uint256;

    uint8 private constant CAUSE_WIND_DOWN = 4;

    modifier onlyAllocator() {
        if (msg.sender != allocator) revert VaultUnauthorised(msg.sender);
        _;
    }

    /* VENUE */

    /// @inheritdoc IFundVault
    function sendToVenue(uint256 amountUsdE6) external {
        if (allocator != address(0) || msg.sender != validator.executor()) revert VaultUnauthorised(msg.sender);
        _send(venueDeposit, amountUsdE6);
    }

    /// @inheritdoc IFundVault
    function sendToVenueAddress(address to, uint256 amountUsdE6) external onlyAllocator {
        _send(to, amountUsdE6);
    }

    function _send(address to, uint256 amountE6) private {
        if (_windingDown) revert VaultWindingDown();
        if (amountE6 == 0) revert VaultZeroAmount();
        if (to == address(0)) revert VaultVenueUnset();
        int128 oldAtVenue = _atVenueE8;
        int128 newAtVenue = oldAtVenue + int128(uint128(amountE6.toUint96()) * 100);
        if (newAtVenue > int256(uint256(venueCapUsdE6) * 100)) {
            revert VaultVenueCap(uint256(int256(newAtVenue)) / 100, venueCapUsdE6);
        }
        (uint256 bondE6, uint256 needed) = (bondUsdE6(), _neededBondE6(newAtVenue));
        if (bondE6 < needed) revert VaultBondTooLow(bondE6, needed);
        _spendFree(amountE6);
        (_atVenueE8, _everSent) = (newAtVenue, true);
        _flows[_bookingEpoch()].sentE6 += uint128(amountE6);
        emit SentToVenue(to, amountE6, oldAtVenue, newAtVenue);
        _pay(to, amountE6);
    }

    /// @inheritdoc IFundVault
    function recordReturn(uint256 amountUsdE6) external {
        if (
            allocator != address(0) || (msg.sender != venueDeposit && msg.sender != validator.executor())
        ) revert VaultUnauthorised(msg.sender);
        _receive(msg.sender, amountUsdE6);
    }

    /// @inheritdoc IFundVault
    function recordReturnFrom(address from, uint256 amountUsdE6) external onlyAllocator {
        _receive(from, amountUsdE6);
    }

    function _receive(address from, uint256 amountE6) private {
        if (amountE6 == 0) revert VaultZeroAmount();
        int128 oldAtVenue = _atVenueE8;
        int128 newAtVenue = oldAtVenue - int128(uint128(amountE6.toUint96()) * 100);
        _atVenueE8 = newAtVenue;
        _idleE6 += uint96(amountE6);
        _flows[_bookingEpoch()].returnedE6 += uint128(amountE6);
        emit ReturnRecorded(from, amountE6, oldAtVenue, newAtVenue);
        _pull(from, amountE6);
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
        _spendFree(amountUsdE6);
        emit FeeClaimed(to, account, amountUsdE6);
        _pay(to, amountUsdE6);
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

    /// @inheritdoc IFundVault
    function setAllocator(address newAllocator) external onlyOwner {
        if (allocator != address(0)) revert VaultAlreadySet();
        emit AllocatorSet(newAllocator);
        allocator = newAllocator;
    }

    /// @inheritdoc IFundVault
    function setDepositLimitsUsdE6(uint256 newMinUsdE6, uint256 newMaxUsdE6) external onlyOwner {
        _setDepositLimits(newMinUsdE6, newMaxUsdE6);
    }

    /// @inheritdoc IFundVault
    function setRedeemCapBps(uint256 newCapBps) external onlyOwner {
        _setRedeemCap(newCapBps);
    }

    /// @inheritdoc IFundVault
    function setPerformanceFeeBps(uint256 newBps) external onlyOwner {
        _feeBps = _feeOf(_currentEpoch());
        _setFee(newBps, _bookingEpoch() + 1);
    }

    /* THE END */

    /// @inheritdoc IFundVault
    function startWindDown() external {
        if (_windingDown) revert VaultWindingDown();
        uint256 silentFrom = _silentFrom();
        bool silent = block.timestamp >= silentFrom;
        if (!silent && msg.sender != owner()) revert VaultTooEarly(block.timestamp, silentFrom);
        _windingDown = true;
        emit WindDownStarted(msg.sender, silent);
        _tripBreaker(CAUSE_WIND_DOWN);
    }

    /// @inheritdoc IFundVault
    function callBond() external returns (uint256 paidUsdE6) {
        if (!_windingDown) revert VaultNotWindingDown();
        uint256 silentFrom = _silentFrom();
        if (block.timestamp < silentFrom) revert VaultTooEarly(block.timestamp, silentFrom);
        uint256 receivableE6 = _atVenueE8 > 0 ? uint256(int256(_atVenueE8)) / 100 : 0;
        paidUsdE6 = IBondVault(bond).absorbLoss(receivableE6);
        _idleE6 += uint96(paidUsdE6);
        _atVenueE8 -= int128(uint128(paidUsdE6 * 100));
        emit BondCalled(receivableE6, paidUsdE6);
    }

    function _silentFrom() private view returns (uint256) {
        return uint256(validator.snapshotAt()) + silenceSeconds;
    }

    /// @inheritdoc IFundVault
    function redeemInWindDown(uint256 shares) external returns (uint256 amountUsdE6) {
        if (!_windingDown) revert VaultNotWindingDown();
        if (shares == 0) revert VaultZeroAmount();
        uint256 fees = uint256(_feeOperatorE6) + _feeStakersE6 + _feeTreasuryE6;
        amountUsdE6 = Math.mulDiv(Math.saturatingSub(_freeE6(), fees), shares, _shares());
        _burn(msg.sender, shares);
        _assetsE6 -= int128(uint128(amountUsdE6));
        _idleE6 -= uint96(amountUsdE6);
        emit PaidInWindDown(msg.sender, shares, amountUsdE6);
        _pay(msg.sender, amountUsdE6);
    }
}
