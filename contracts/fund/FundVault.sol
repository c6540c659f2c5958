// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IBondVault} from "../interfaces/IBondVault.sol";
import {IFundVault, VaultParams} from "../interfaces/IFundVault.sol";
import {IRiskPolicy} from "../interfaces/IRiskPolicy.sol";
import {PayloadLib} from "../libraries/PayloadLib.sol";
import {ReconcileLib} from "../libraries/ReconcileLib.sol";
import {RedeemLib} from "../libraries/RedeemLib.sol";
import {WaterfallLib} from "../libraries/WaterfallLib.sol";
import {FundBooks} from "./FundBooks.sol";
import {FundCash} from "./FundCash.sol";

/// @title FundVault
///
/// PROMISES
/// - Books of its own: no balance is ever read, so a donation moves neither price nor fee.
/// - Prices are known only at the close and are those of the snapshot, so nobody can enter or leave on stale news;
///   rounding is against whoever enters or leaves. Depositors are never touched one by one: a close costs the same for
///   one as for many, and claims are computed from what it wrote.
/// - Losses hit the operator's bond first, also bond on its way out. Fees exist only on gain above the high-water mark,
///   which never falls while anyone holds a share. A new fee counts from the next epoch, so that whoever does not want
///   it can leave before. Every distributed unit is in exactly one part; what is smaller than a unit stays in `carryE8`.
/// - Results explain the venue's attested equity, or the difference is on the record and new risk stops. A difference
///   against the fund is borne like a loss; one in its favour belongs to depositors alone.
/// - Cash leaves to the venue under a cap and under the bond, to depositors, and to the named fee accounts, never beyond
///   idle cash. Claims and exits ask nobody for permission.
///
/// DOES NOT PROMISE
/// - That the venue pays back: what is there is `receivableAtVenueE8`, and the cap is the measure of that trust.
/// - That idle cash covers every redemption at once; owed redemptions are paid as cash returns.
/// - Support for assets that charge on transfer or rebase.
///
/// TWO PRICES. Profit that nothing final explains is priced in for who enters and priced out for who leaves, and stays
/// priced out until the breaker that it tripped is reset. A close that cannot explain its equity, and every one while the
/// breaker is tripped, takes no deposit: shares are not given for a figure nobody has looked into. An epoch
/// closes only when its approvals are final, and both prices are those of its snapshot; requests were binding by then
/// and whatever is approved after it belongs to the next epoch's holders, so it enters neither price. What is left that
/// no final result explains is a residual in the fund's favour: who enters pays for it, who leaves is not paid for it,
/// it stays with those who stay. Without one the prices are equal.
///
/// THE LINE. Redemptions wait in one line (`QueueLib`). A close serves it up to `redeemCapBps` of the supply, the rest
/// stays in front of later requests. A fund that has lost all but a ten-thousandth of its first price takes no deposits:
/// theirs are taken back.
///
/// THE END. The owner, or after a long silence anyone, starts the wind-down: no new risk, no deposit, nothing to the
/// venue, the line is not served any more. Closes go on if the quorum does. Shares are burnt for their part of the free
/// cash; who waits has a part in what comes back later. After the silence the bond pays for what did not come back.
///
/// IDENTITY. idle·100 + receivableAtVenueE8 = (depositors' assets + redemptions owed + fees owed)·100 + carryE8, always.
contract FundVault is FundCash {
    using PayloadLib for bytes;
    using RedeemLib for RedeemLib.Line;
    using SafeCast for uint256;

    /// @param bond_ the operator's bond in the same asset; its deployer names this fund to it next
    constructor(
        address owner_,
        address guardian_,
        address asset_,
        address validator_,
        address attester_,
        address bond_,
        VaultParams memory params_
    ) FundBooks(owner_, guardian_, asset_, validator_, attester_, bond_, params_) {}

    /// @inheritdoc IFundVault
    function closeEpoch(bytes calldata payload) external {
        if (msg.sender != attester) revert VaultUnauthorised(msg.sender);
        (int256 equityE8, uint256 sentE6, uint256 returnedE6) = _readStatement(payload);
        (uint32 epoch, int256 pnlE8) = validator.rollEpoch();

        Flow memory flow = _flows[epoch];
        int256 expectedE8 = ReconcileLib.expectedE8(_lastEquityE8, flow.sentE6, flow.returnedE6, pnlE8);
        int256 residual = equityE8 - expectedE8;
        uint8 cause = ReconcileLib.causeOf(
            residual, residualToleranceE8, sentE6 == flow.sentE6 && returnedE6 == flow.returnedE6
        );

        bool halted = IRiskPolicy(validator.policy()).breakerCause() != 0;
        _keepUnexplained(halted, residual, _distribute(epoch, pnlE8, residual));
        _lastEquityE8 = int128(equityE8);
        _atVenueE8 += int128(pnlE8 + residual);
        _priceRequests(epoch, !halted && cause != ReconcileLib.CAUSE_RESIDUAL);
        if (cause != 0) _tripBreaker(cause);
        emit EpochClosed(
            epoch, equityE8, expectedE8, residual, cause != 0, totalAssetsE6(), totalSupply(), _highWaterMarkE18
        );
    }

    function _readStatement(bytes calldata payload)
        private
        view
        returns (int256 equityE8, uint256 sentE6, uint256 returnedE6)
    {
        if (payload.length != PayloadLib.EPOCH_BYTES) revert VaultBadStatement(255);
        if (payload.word(0) != uint256(epochDomain())) revert VaultBadStatement(0);
        // the first second belongs to the running epoch
        (uint32 epoch, uint64 snapshotAt) = validator.epochAt(0);
        if (payload.word(1) != epoch) revert VaultBadStatement(1);
        equityE8 = int256(payload.word(2));
        if (equityE8 > type(int120).max || equityE8 < type(int120).min) revert VaultBadStatement(2);
        uint256 w = payload.word(3);
        (sentE6, returnedE6) = (w >> 128, uint128(w));
        w = payload.word(4);
        uint256 snapshot = w >> 192;
        uint256 observed = uint64(w >> 128);
        if (snapshot != snapshotAt || observed < snapshot || observed > block.timestamp) {
            revert VaultBadStatement(4);
        }
        if (block.timestamp > uint64(w >> 64)) revert VaultBadStatement(4);
        if (payload.word(6) != uint256(venueAccountHash)) revert VaultBadStatement(6);
    }

    /// @return surplusE6 what depositors got that no result explains
    function _distribute(uint32 epoch, int256 pnlE8, int256 residual) private returns (uint256 surplusE6) {
        (int256 shortfallE8, int256 surplusE8) = ReconcileLib.signs(residual);
        (int256 pnlE6, uint256 carry) = WaterfallLib.toUnits(pnlE8 + shortfallE8 + int256(uint256(_carryE8)));
        WaterfallLib.Parts memory parts = WaterfallLib.split(pnlE6, _terms(epoch, pnlE6));
        if (surplusE8 != 0) {
            int256 units;
            (units, carry) = WaterfallLib.toUnits(surplusE8 + int256(carry));
            surplusE6 = uint256(units);
        }
        int256 toDepositors = parts.depositorsE6 + int256(surplusE6);
        _carryE8 = uint8(carry);
        if (parts.bondPaidE6 != 0) _idleE6 += uint96(parts.bondPaidE6);
        _assetsE6 += int128(toDepositors);
        if (parts.depositorsE6 < pnlE6) {
            _feeOperatorE6 += uint80(parts.feeOperatorE6);
            _feeStakersE6 += uint80(parts.feeStakersE6);
            _feeTreasuryE6 += uint80(parts.feeTreasuryE6);
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

    /// @dev Until the breaker is reset nobody is paid for equity that nothing explains; what is missing later takes it back.
    function _keepUnexplained(bool halted, int256 residual, uint256 surplusE6) private {
        uint256 kept = halted ? _unexplainedE6 : 0;
        if (residual < 0) kept = Math.saturatingSub(kept, uint256(-residual) / 100);
        _unexplainedE6 = (kept + surplusE6).toUint56();
    }

    /// @dev A loss is taken from the bond here, as far as the bond goes.
    function _terms(uint32 epoch, int256 pnlE6) private returns (WaterfallLib.Terms memory) {
        return WaterfallLib.Terms({
            bondE6: pnlE6 < 0 ? IBondVault(bond).absorbLoss(uint256(-pnlE6)) : 0,
            assetsE6: totalAssetsE6(),
            shares: _shares(),
            highWaterMarkE18: _highWaterMarkE18,
            performanceFeeBps: _feeOf(epoch),
            operatorShareBps: operatorShareBps,
            stakersShareBps: stakersShareBps
        });
    }

    /// @dev The mark follows last: what leavers left behind is not a gain to be charged later.
    function _priceRequests(uint32 epoch, bool takesDeposits) private {
        uint256 supply = _shares();
        RedeemLib.Priced memory priced = _line.price(
            RedeemLib.Book({
                epoch: epoch,
                windingDown: _windingDown,
                takesDeposits: takesDeposits && !_windingDown,
                assetsE6: totalAssetsE6(),
                unexplainedE6: _unexplainedE6,
                supply: supply,
                redeemCapBps: _redeemCapBps
            })
        );
        if (priced.enteringE6 != priced.depositsE6) _refundableE6 += uint96(priced.depositsE6);
        if (priced.minted > priced.served) _mint(address(this), priced.minted - priced.served);
        else if (priced.served > priced.minted) _burn(address(this), priced.served - priced.minted);
        _assetsE6 += int128(int256(priced.enteringE6) - int256(priced.paidE6));
        _idleE6 += uint96(priced.enteringE6);
        _redemptionsOwedE6 += uint96(priced.paidE6);

        if (supply + priced.minted == priced.served) return;
        uint256 price = sharePriceE18();
        // a fund nobody held a share of begins anew
        if (price > _highWaterMarkE18 || supply == 0) _highWaterMarkE18 = uint128(price);
    }
}
