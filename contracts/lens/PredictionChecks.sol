// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Dispute, IDisputeCourt} from "../interfaces/IDisputeCourt.sol";
import {IFundVault} from "../interfaces/IFundVault.sol";
import {IModelRegistry, Model, ModelStatus} from "../interfaces/IModelRegistry.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {IQuorumAttester} from "../interfaces/IQuorumAttester.sol";
import {IRiskPolicy} from "../interfaces/IRiskPolicy.sol";
import {MandateState, Record, RiskInput, State} from "../interfaces/Types.sol";
import {Reasons} from "../libraries/Reasons.sol";
import {Check, bit} from "./Check.sol";
import {LensAddresses, LensLib} from "./LensSources.sol";

/// @title Predictions, reservations, rules and witnesses: what of them the present state can show.
/// @dev As in all checks, only contracts that the deployment names are called, never one that another contract points
/// to: so a wrong pointer is an answer, not a revert.
library PredictionChecks {
    /* PREDICTIONS AND RESERVATIONS */

    function mandates(LensAddresses memory d) internal view returns (uint256 broken) {
        IPredictionValidator validator = IPredictionValidator(d.validator);
        uint256 count = validator.mandateCount();
        uint256 openCount = 0;
        uint256 bondsUsdE6 = 0;
        for (uint256 i = count; i > LensLib.oldest(count, LensLib.MAX_MANDATES); --i) {
            bytes32 mandateId = validator.mandateAt(uint32(i));
            MandateState memory m = validator.mandate(mandateId);
            Record memory last = validator.record(m.lastId);
            broken |= _sequenceBits(mandateId, m, last) | _reservationBits(d, mandateId, m, last);
            openCount += m.openCount;
            bondsUsdE6 += _postedBonds(d.court, m.lastId);
        }
        uint32 epoch = validator.currentEpoch();
        (uint64 opened, uint64 finalized,) = validator.epochBook(epoch);
        (uint64 openedNext, uint64 finalizedNext,) = validator.epochBook(epoch + 1);
        broken |= bit(Check.D2Open, openCount + finalized + finalizedNext <= uint256(opened) + openedNext);
        if (bondsUsdE6 == 0) return broken;
        broken |= bit(Check.S3Bonds, bondsUsdE6 <= IERC20(IFundVault(d.vault).asset()).balanceOf(d.court));
    }

    /// @dev The last record is the one that used up the last sequence; what follows an approval lies after it.
    function _sequenceBits(bytes32 mandateId, MandateState memory m, Record memory last)
        private
        view
        returns (uint256 broken)
    {
        if (m.lastSequence == 0) return 0;
        broken = bit(
            Check.D2Sequence,
            last.sequence == m.lastSequence && last.mandateId == mandateId && last.state > State.Registered
        );
        if (last.state == State.Rejected) return broken;
        bool ordered = last.approvedAt != 0 && last.approvedAt <= block.timestamp
            && last.approvedAt <= last.entryExpiresAt && last.entryExpiresAt <= last.settleBy;
        bool hasResult = last.state != State.Approved && last.state != State.Cancelled;
        broken |= bit(Check.D8Approved, ordered && (!hasResult || last.finalizableAt >= last.approvedAt));
    }

    function _reservationBits(LensAddresses memory d, bytes32 mandateId, MandateState memory m, Record memory last)
        private
        view
        returns (uint256 broken)
    {
        bool lastIsOpen = last.state == State.Approved;
        (uint256 notional, uint256 loss) = (m.openNotionalUsdE6, m.reservedLossUsdE6);
        broken = bit(Check.D7Nothing, m.openCount != 0 || (notional == 0 && loss == 0))
            | bit(Check.R3Bucket, m.bucketAt <= block.timestamp) | bit(Check.R5Peak, m.peakPnlE8 >= m.pnlE8);
        if (lastIsOpen) {
            bool alone = m.openCount == 1;
            broken |= bit(Check.R1Notional, _covers(notional, last.maxNotionalUsdE6, alone))
                | bit(Check.R2Loss, _covers(loss, last.maxLossUsdE6, alone));
        }
        (,,, uint256 graceSeconds,,) = IRiskPolicy(d.policy).settlementRules(mandateId);
        uint256 snapshotAt = IPredictionValidator(d.validator).snapshotAt();
        // no approval outlives its epoch, and the bucket was last written by the latest approval
        bool lastOverdue = lastIsOpen && block.timestamp > last.settleBy + graceSeconds;
        bool olderOverdue =
            m.openCount != 0 && m.bucketAt < snapshotAt && block.timestamp > snapshotAt + graceSeconds;
        broken |= bit(Check.D6Overdue, !lastOverdue && !olderOverdue);
    }

    function _covers(uint256 reserved, uint256 declared, bool exactly) private pure returns (bool) {
        return exactly ? reserved == declared : reserved >= declared;
    }

    /// @dev Bonds of a mandate's last prediction that the court has not paid out.
    function _postedBonds(address court, bytes32 id) private view returns (uint256) {
        if (court == address(0) || id == 0) return 0;
        Dispute memory dispute = IDisputeCourt(court).dispute(id);
        if (dispute.challenger == address(0) || dispute.paid) return 0;
        uint256 bondUsdE6 = IDisputeCourt(court).bondUsdE6();
        return dispute.defender == address(0) ? bondUsdE6 : 2 * bondUsdE6;
    }

    /* RULES */

    function rules(LensAddresses memory d) internal view returns (uint256 broken) {
        IRiskPolicy policy = IRiskPolicy(d.policy);
        bool stopped = policy.breakerCause() != 0 || block.timestamp < policy.pausedUntil();
        RiskInput memory anything;
        (uint256 reasonBits,,) = policy.evaluate(anything);
        broken = bit(Check.R4Breaker, (reasonBits & Reasons.HALTED != 0) == stopped);
        (,,, bool windingDown) = IFundVault(d.vault).depositTerms();
        broken |= bit(Check.R4WindDown, stopped || !windingDown);
    }

    /* WITNESSES */

    function witnesses(LensAddresses memory d) internal view returns (uint256 broken) {
        IQuorumAttester quorum = IQuorumAttester(d.quorum);
        IPredictionValidator validator = IPredictionValidator(d.validator);
        (uint256 threshold, uint256 signers) = (quorum.threshold(), quorum.signerCount());
        broken = bit(Check.A1Majority, threshold * 2 > signers) | bit(Check.A1Complete, signers >= threshold)
            | bit(Check.A2Executor, !quorum.isSigner(validator.executor()))
            | bit(Check.A4People, !_anyTransport(validator, [d.executor, d.guardian, d.owner]));
        bool operatorsApart = !quorum.isSigner(IFundVault(d.vault).operator());
        uint256 count = validator.mandateCount();
        for (uint256 i = count; i > LensLib.oldest(count, LensLib.MAX_MANDATES); --i) {
            operatorsApart =
                operatorsApart && !quorum.isSigner(validator.mandate(validator.mandateAt(uint32(i))).operator);
        }
        broken |= bit(Check.A2Operators, operatorsApart) | _modelBits(IModelRegistry(d.registry), quorum);
    }

    function _modelBits(IModelRegistry registry, IQuorumAttester quorum) private view returns (uint256 broken) {
        uint256 count = registry.modelCount();
        for (uint256 i = count; i > LensLib.oldest(count, LensLib.MAX_MODELS); --i) {
            Model memory model = registry.model(registry.modelAt(uint32(i - 1)));
            if (model.status != ModelStatus.Active) continue;
            broken |= bit(Check.A2Publishers, !quorum.isSigner(model.publisher))
                | bit(Check.A3Models, model.activatableAt <= block.timestamp);
        }
    }

    function _anyTransport(IPredictionValidator validator, address[3] memory accounts) private view returns (bool) {
        for (uint256 i = 0; i < accounts.length; ++i) {
            (uint8 level,,) = validator.adapter(accounts[i]);
            if (level != 0) return true;
        }
        return false;
    }
}
