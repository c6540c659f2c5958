// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondVault} from "../interfaces/IBondVault.sol";
import {IFundVault} from "../interfaces/IFundVault.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {IQuorumAttester} from "../interfaces/IQuorumAttester.sol";
import {IRiskPolicy} from "../interfaces/IRiskPolicy.sol";
import {IStakeVault} from "../interfaces/IStakeVault.sol";
import {MandateState, Record} from "../interfaces/Types.sol";
import {QueueLib} from "../libraries/QueueLib.sol";
import {LensHealth} from "./LensHealth.sol";
import {IFundSource, LensLib} from "./LensSources.sol";

/// @title The figures: one page for the whole deployment, and pages of mandates, epochs and predictions.
abstract contract LensBoard is LensHealth {
    uint256 public constant MAX_PAGE = LensLib.MAX_PAGE;
    uint256 public constant MAX_MANDATES = LensLib.MAX_MANDATES;
    uint256 public constant MAX_MODELS = LensLib.MAX_MODELS;
    uint256 public constant MAX_EPOCHS = LensLib.MAX_EPOCHS;

    error LensPageTooLong(uint256 given, uint256 limit);
    error LensStartsAtOne();

    /* DASHBOARD */

    /// @notice The deployment at a glance. Units are in the names: UsdE6 is millionths of a dollar, E8 hundred-millionths,
    /// shares have 12 decimals, prices are E6 of the asset for one unit of a share times 1e18 (1e12 is one dollar for a
    /// whole share), Saksi has 18 decimals, times are unix seconds. Mandates beyond the newest MAX_MANDATES are not summed.
    function dashboard()
        external
        view
        returns (
            uint256 fundAssetsUsdE6,
            uint256 sharePriceE18,
            uint256 highWaterMarkE18,
            uint256 fundShares,
            uint256 idleUsdE6,
            int256 receivableAtVenueE8,
            uint256 venueCapUsdE6,
            uint256 bondUsdE6,
            uint256 bondNeededUsdE6,
            uint256 bondReleasingUsdE6,
            uint256 pendingDepositsUsdE6,
            uint256 redemptionLineShares,
            uint256 redemptionsOwedUsdE6,
            uint256 feesOwedUsdE6,
            uint256 carryE8,
            bool windingDown,
            uint32 currentEpoch,
            uint64 currentEpochEndsAt,
            uint32 requestsBelongToEpoch,
            uint64 approvalsOfCurrentEpoch,
            uint64 unfinishedOfCurrentEpoch,
            int128 pnlOfCurrentEpochE8,
            uint32 lastClosedEpoch,
            int256 equityAtLastCloseE8,
            uint256 mandateCount,
            uint256 openPredictions,
            uint256 openNotionalUsdE6,
            uint256 reservedLossUsdE6,
            bool newRiskHalted,
            uint64 pausedUntil,
            uint8 breakerCause,
            uint256 signers,
            uint256 signersNeeded,
            uint256 stakedSaksi,
            uint256 totalSignalSaksi,
            uint256 stakeReserveSaksi,
            uint256 slashedInEscrowSaksi,
            bytes32 recordHead
        )
    {
        IFundVault vault = _vault();
        (fundAssetsUsdE6, sharePriceE18) = (vault.totalAssetsE6(), vault.sharePriceE18());
        (highWaterMarkE18, fundShares) = (vault.highWaterMarkE18(), vault.totalSupply() - LensLib.DEAD_SHARES);
        (idleUsdE6, receivableAtVenueE8) = (vault.idleUsdE6(), vault.receivableAtVenueE8());
        venueCapUsdE6 = IFundSource(address(vault)).venueCapUsdE6();
        (bondUsdE6, bondNeededUsdE6) = (vault.bondUsdE6(), vault.neededBondUsdE6());
        bondReleasingUsdE6 = IBondVault(vault.bond()).bondReleasingUsdE6();
        pendingDepositsUsdE6 = vault.pendingDepositsE6();
        (redemptionsOwedUsdE6, feesOwedUsdE6) = (vault.redemptionsOwedE6(), LensLib.feesOwedE6(vault));
        carryE8 = vault.carryE8();
        (,,, windingDown) = vault.depositTerms();

        IPredictionValidator validator = _validator();
        (currentEpoch, currentEpochEndsAt) = (validator.currentEpoch(), validator.snapshotAt());
        redemptionLineShares = LensLib.waitingShares(vault, currentEpoch);
        (requestsBelongToEpoch,) = validator.epochAt(uint64(block.timestamp));
        (approvalsOfCurrentEpoch, unfinishedOfCurrentEpoch, pnlOfCurrentEpochE8) = validator.epochBook(currentEpoch);
        unfinishedOfCurrentEpoch = approvalsOfCurrentEpoch - unfinishedOfCurrentEpoch;
        (lastClosedEpoch, equityAtLastCloseE8) = (currentEpoch - 1, _equityAtLastClose(currentEpoch));
        (mandateCount, openPredictions, openNotionalUsdE6, reservedLossUsdE6) = _reservations();

        IRiskPolicy policy = IRiskPolicy(_deployed.policy);
        (newRiskHalted, pausedUntil, breakerCause) = (policy.halted(), policy.pausedUntil(), policy.breakerCause());
        signers = IQuorumAttester(_deployed.quorum).signerCount();
        signersNeeded = IQuorumAttester(_deployed.quorum).threshold();
        (stakedSaksi, totalSignalSaksi, stakeReserveSaksi, slashedInEscrowSaksi) = _stakeFigures();
        recordHead = validator.head();
    }

    /// @dev What the books say the venue held at the last close: today's receivable without the transfers since.
    function _equityAtLastClose(uint32 currentEpoch) private view returns (int256 equityE8) {
        equityE8 = _vault().receivableAtVenueE8();
        for (uint32 epoch = currentEpoch; epoch < currentEpoch + 2; ++epoch) {
            (uint256 sentUsdE6, uint256 returnedUsdE6) = _vault().transfersOf(epoch);
            equityE8 -= (int256(sentUsdE6) - int256(returnedUsdE6)) * 100;
        }
    }

    function _reservations()
        private
        view
        returns (uint256 count, uint256 open, uint256 notionalUsdE6, uint256 lossUsdE6)
    {
        IPredictionValidator validator = _validator();
        count = validator.mandateCount();
        for (uint256 i = count; i > LensLib.oldest(count, MAX_MANDATES); --i) {
            MandateState memory m = validator.mandate(validator.mandateAt(uint32(i)));
            open += m.openCount;
            notionalUsdE6 += m.openNotionalUsdE6;
            lossUsdE6 += m.reservedLossUsdE6;
        }
    }

    function _stakeFigures()
        private
        view
        returns (uint256 stakedSaksi, uint256 signalSaksi, uint256 reserveSaksi, uint256 escrowSaksi)
    {
        if (_deployed.stakeVault == address(0)) return (0, 0, 0, 0);
        IStakeVault stake = IStakeVault(_deployed.stakeVault);
        (stakedSaksi,, reserveSaksi, escrowSaksi) = stake.accounts();
        uint256 count = stake.mandateCount();
        for (uint256 i = 0; i < count && i < MAX_MANDATES; ++i) signalSaksi += stake.signalOf(stake.mandateAt(i));
    }

    function _validator() private view returns (IPredictionValidator) {
        return IPredictionValidator(_deployed.validator);
    }

    function _vault() private view returns (IFundVault) {
        return IFundVault(_deployed.vault);
    }

    /* LISTS */

    /// @notice Mandates by their number, from 1, at most MAX_PAGE of them. Position i of every list is one mandate.
    function mandates(uint256 from, uint256 count)
        external
        view
        returns (
            bytes32[] memory mandateIds,
            address[] memory operators,
            bool[] memory active,
            uint256[] memory openPredictions,
            uint256[] memory openNotionalUsdE6,
            uint256[] memory reservedLossUsdE6,
            int256[] memory pnlE8,
            uint256[] memory lastSequences,
            bytes32[] memory lastPredictionIds
        )
    {
        IPredictionValidator validator = _validator();
        count = _pageLength(from, count, validator.mandateCount());
        (mandateIds, operators, active) = (new bytes32[](count), new address[](count), new bool[](count));
        (openPredictions, openNotionalUsdE6) = (new uint256[](count), new uint256[](count));
        (reservedLossUsdE6, pnlE8) = (new uint256[](count), new int256[](count));
        (lastSequences, lastPredictionIds) = (new uint256[](count), new bytes32[](count));
        for (uint256 i = 0; i < count; ++i) {
            bytes32 mandateId = validator.mandateAt(uint32(from + i));
            MandateState memory m = validator.mandate(mandateId);
            (mandateIds[i], operators[i]) = (mandateId, m.operator);
            active[i] = IRiskPolicy(_deployed.policy).limits(mandateId).active;
            (openPredictions[i], openNotionalUsdE6[i]) = (m.openCount, m.openNotionalUsdE6);
            (reservedLossUsdE6[i], pnlE8[i]) = (m.reservedLossUsdE6, m.pnlE8);
            (lastSequences[i], lastPredictionIds[i]) = (m.lastSequence, m.lastId);
        }
    }

    /// @notice Epochs by their number, from 1, until the one after the running one, at most MAX_PAGE of them. Position i
    /// of every list is one epoch.
    function epochs(uint32 from, uint32 count)
        external
        view
        returns (
            uint256[] memory numbers,
            bool[] memory closed,
            uint256[] memory approvals,
            uint256[] memory unfinished,
            int256[] memory pnlE8,
            uint256[] memory sentToVenueUsdE6,
            uint256[] memory returnedUsdE6,
            uint256[] memory depositsAskedUsdE6,
            uint256[] memory redemptionsServedShares,
            uint256[] memory redemptionsPaidUsdE6
        )
    {
        uint256 length = _pageLength(from, count, uint256(_validator().currentEpoch()) + 1);
        (numbers, closed, approvals) = (new uint256[](length), new bool[](length), new uint256[](length));
        (unfinished, pnlE8, sentToVenueUsdE6) = (new uint256[](length), new int256[](length), new uint256[](length));
        (returnedUsdE6, depositsAskedUsdE6) = (new uint256[](length), new uint256[](length));
        (redemptionsServedShares, redemptionsPaidUsdE6) = (new uint256[](length), new uint256[](length));
        for (uint256 i = 0; i < length; ++i) {
            uint32 number = uint32(from + i);
            QueueLib.Epoch memory close = _vault().epochOf(number);
            (uint64 opened, uint64 finalized, int128 pnl) = _validator().epochBook(number);
            (numbers[i], closed[i], approvals[i]) = (number, close.closed, opened);
            (unfinished[i], pnlE8[i]) = (opened - finalized, pnl);
            (sentToVenueUsdE6[i], returnedUsdE6[i]) = _vault().transfersOf(number);
            depositsAskedUsdE6[i] = close.depositsE6;
            if (!close.closed) continue;
            QueueLib.Epoch memory before = _vault().epochOf(number - 1);
            redemptionsServedShares[i] = close.servedShares - before.servedShares;
            redemptionsPaidUsdE6[i] = close.paidE6 - before.paidE6;
        }
    }

    /// @notice Predictions by their ids, at most MAX_PAGE. The chain keeps no list of ids: the newest of a mandate is in
    /// `mandates`, each earlier one is the `previousId` of its successor, and all are in the validator's events.
    /// `states` are those of the validator: 0 None to 9 Voided. Position i of every list is one prediction.
    function predictions(bytes32[] calldata ids)
        external
        view
        returns (
            bytes32[] memory mandateIds,
            uint256[] memory sequences,
            uint256[] memory states,
            uint256[] memory approvedAt,
            uint256[] memory settleBy,
            uint256[] memory maxNotionalUsdE6,
            uint256[] memory maxLossUsdE6,
            uint256[] memory reasonBits,
            int256[] memory pnlE8,
            uint256[] memory finalizableAt
        )
    {
        uint256 count = _pageLength(1, ids.length, ids.length);
        (mandateIds, sequences, states) = (new bytes32[](count), new uint256[](count), new uint256[](count));
        (approvedAt, settleBy, maxNotionalUsdE6) = (new uint256[](count), new uint256[](count), new uint256[](count));
        (maxLossUsdE6, reasonBits) = (new uint256[](count), new uint256[](count));
        (pnlE8, finalizableAt) = (new int256[](count), new uint256[](count));
        for (uint256 i = 0; i < count; ++i) {
            Record memory r = _validator().record(ids[i]);
            (mandateIds[i], sequences[i], states[i]) = (r.mandateId, r.sequence, uint256(r.state));
            (approvedAt[i], settleBy[i], maxNotionalUsdE6[i]) = (r.approvedAt, r.settleBy, r.maxNotionalUsdE6);
            (maxLossUsdE6[i], reasonBits[i]) = (r.maxLossUsdE6, r.reasonBits);
            (pnlE8[i], finalizableAt[i]) = (r.pnlE8, r.finalizableAt);
        }
    }

    /// @dev How many of a page there are.
    function _pageLength(uint256 from, uint256 count, uint256 last) private pure returns (uint256) {
        if (count > MAX_PAGE) revert LensPageTooLong(count, MAX_PAGE);
        if (from == 0) revert LensStartsAtOne();
        uint256 left = from > last ? 0 : last - from + 1;
        return count < left ? count : left;
    }
}
