// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IFundVault, VaultParams} from "../interfaces/IFundVault.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {IRiskPolicy} from "../interfaces/IRiskPolicy.sol";
import {PayloadLib} from "../libraries/PayloadLib.sol";
import {WaterfallLib} from "../libraries/WaterfallLib.sol";
import {VaultAccounts} from "./VaultAccounts.sol";

/// @title FundVault
///
/// PROMISES
/// - Books of its own: no balance is ever read, so a donation moves neither price nor fee.
/// - One price an epoch. It is known only at the close, so nobody can enter or leave on stale news; rounding is against
///   whoever enters or leaves. Depositors are never touched one by one: a close costs the same for one as for many.
/// - Losses hit the operator's bond first, also bond on its way out. Fees exist only on gain above the high-water mark,
///   which never falls. Every distributed unit is in exactly one part; what is smaller than a unit stays in `carryE8`.
/// - Results explain the venue's attested equity, or the difference is on the record and new risk stops. A difference
///   against the fund is borne like a loss; one in its favour belongs to depositors alone.
/// - Cash leaves to the whitelisted venue address under a cap and under the bond, to depositors, and to the named fee
///   accounts, never beyond idle cash. Claims and exits ask nobody for permission.
///
/// DOES NOT PROMISE
/// - That the venue pays back: what is there is `receivableAtVenueE8`, and the cap is the measure of that trust.
/// - That idle cash covers every redemption at once; owed redemptions are paid as cash returns.
/// - Support for assets that charge on transfer or rebase.
///
/// IDENTITY. idle·100 + receivableAtVenueE8 = (depositors' assets + redemptions owed + fees owed)·100 + carryE8, always.
contract FundVault is VaultAccounts {
    using PayloadLib for bytes;

    uint8 private constant CAUSE_RESIDUAL = 2;
    uint8 private constant CAUSE_TRANSFERS = 3;

    constructor(
        address owner_,
        address guardian_,
        address asset_,
        address validator_,
        address attester_,
        address operator_,
        VaultParams memory params_
    ) VaultAccounts(owner_, guardian_, asset_, validator_, attester_, operator_, params_) {}

    /// @inheritdoc IFundVault
    function closeEpoch(bytes calldata payload) external {
        if (msg.sender != attester) revert VaultUnauthorised(msg.sender);
        (int256 equityE8, uint256 sentE6, uint256 returnedE6) = _readStatement(payload);
        (uint32 epoch, int256 pnlE8) = validator.rollEpoch();

        Flow memory flow = _flows[epoch];
        int256 expectedE8 =
            int256(_lastEquityE8) + (int256(uint256(flow.sentE6)) - int256(uint256(flow.returnedE6))) * 100 + pnlE8;
        int256 residual = equityE8 - expectedE8;
        uint8 cause;
        if (sentE6 != flow.sentE6 || returnedE6 != flow.returnedE6) cause = CAUSE_TRANSFERS;
        if (_abs(residual) > residualToleranceE8) cause = CAUSE_RESIDUAL;

        _distribute(epoch, pnlE8, residual);
        _lastEquityE8 = int128(equityE8);
        _atVenueE8 += int128(pnlE8 + residual);
        residualE8[epoch] = residual;
        _priceRequests(epoch);
        if (cause != 0) IRiskPolicy(validator.policy()).tripBreaker(cause);
        emit EpochClosed(
            epoch, equityE8, expectedE8, residual, cause != 0, totalAssetsE6(), _totalShares, _highWaterMarkE18
        );
    }

    function _readStatement(bytes calldata payload)
        private
        view
        returns (int256 equityE8, uint256 sentE6, uint256 returnedE6)
    {
        if (payload.length != PayloadLib.EPOCH_BYTES) revert VaultBadStatement(255);
        if (payload.word(0) != uint256(epochDomain())) revert VaultBadStatement(0);
        if (payload.word(1) != validator.currentEpoch()) revert VaultBadStatement(1);
        equityE8 = int256(payload.word(2));
        if (equityE8 > type(int120).max || equityE8 < type(int120).min) revert VaultBadStatement(2);
        uint256 w = payload.word(3);
        (sentE6, returnedE6) = (w >> 128, uint128(w));
        w = payload.word(4);
        uint256 snapshot = w >> 192;
        uint256 observed = uint64(w >> 128);
        if (snapshot != validator.snapshotAt() || observed < snapshot || observed > block.timestamp) {
            revert VaultBadStatement(4);
        }
        if (block.timestamp > uint64(w >> 64)) revert VaultBadStatement(4);
        if (payload.word(6) != uint256(venueAccountHash)) revert VaultBadStatement(6);
    }

    function _distribute(uint32 epoch, int256 pnlE8, int256 residual) private {
        int256 unexplained = residual < 0 ? residual : int256(0);
        (int256 pnlE6, uint256 carry) =
            WaterfallLib.toUnits(pnlE8 + unexplained + int256(uint256(_carryE8)));
        WaterfallLib.Terms memory terms = WaterfallLib.Terms({
            bondE6: _bondE6,
            assetsE6: totalAssetsE6(),
            shares: _totalShares,
            highWaterMarkE18: _highWaterMarkE18,
            performanceFeeBps: performanceFeeBps,
            operatorShareBps: operatorShareBps,
            stakersShareBps: stakersShareBps
        });
        WaterfallLib.Parts memory parts = WaterfallLib.split(pnlE6, terms);

        int256 toDepositors = parts.depositorsE6;
        if (residual > 0) {
            int256 surplusE6;
            (surplusE6, carry) = WaterfallLib.toUnits(residual + int256(carry));
            toDepositors += surplusE6;
        }
        _carryE8 = uint8(carry);
        if (parts.bondPaidE6 != 0) _takeBond(parts.bondPaidE6);
        _assetsE6 += int128(toDepositors);
        _feeOperatorE6 += uint80(parts.feeOperatorE6);
        _feeStakersE6 += uint80(parts.feeStakersE6);
        _feeTreasuryE6 += uint80(parts.feeTreasuryE6);
        if (_totalShares != 0) {
            uint256 price = sharePriceE18();
            if (price > _highWaterMarkE18) _highWaterMarkE18 = uint128(price);
        }
        emit Distributed(
            epoch,
            pnlE6,
            parts.bondPaidE6,
            parts.feeOperatorE6,
            parts.feeStakersE6,
            parts.feeTreasuryE6,
            toDepositors,
            residual,
            carry
        );
    }

    function _abs(int256 value) private pure returns (uint256) {
        return uint256(value < 0 ? -value : value);
    }
}
