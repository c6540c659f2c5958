// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {GovernorPreventLateQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {GovernorProposalGuardian} from "@openzeppelin/contracts/governance/extensions/GovernorProposalGuardian.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorVotesQuorumFraction} from
    "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {Guarded} from "../core/Guarded.sol";
import {IAllocator} from "../interfaces/IAllocator.sol";
import {IDisputeCourt, Ruling} from "../interfaces/IDisputeCourt.sol";
import {IFundVault} from "../interfaces/IFundVault.sol";
import {IModelRegistry} from "../interfaces/IModelRegistry.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {IProposalTaker} from "../interfaces/IProposalTaker.sol";
import {IQuorumAttester} from "../interfaces/IQuorumAttester.sol";
import {IRiskPolicy, LimitField} from "../interfaces/IRiskPolicy.sol";
import {IStakeVault} from "../interfaces/IStakeVault.sol";

/// @title SaksiProposals
///
/// PROMISES. The usual acts of governance as functions that a person can fill in: numbers, addresses and a sentence, no
/// arrays and no calldata. Each makes one proposal of one call in the name of its caller, who needs the governor's
/// threshold, and answers the id; `queue(id)` and `execute(id)` of the governor need nothing else. Policy, registry,
/// court and fund are asked of the validator, the allocator of the fund, so they are those in force. The caller's address is added to the description: a
/// proposal cannot be copied, made first by somebody else and withdrawn.
///
/// DOES NOT PROMISE. Every act: the governor's own `propose` takes any calls at all. It holds nothing and owns nothing.
contract SaksiProposals {
    IProposalTaker public immutable governor;
    IPredictionValidator public immutable validator;
    IQuorumAttester public immutable quorumAttester;
    IStakeVault public immutable stakeVault;
    /// @notice The fund's asset; the treasury is what the timelock holds of it.
    IERC20 public immutable treasuryAsset;

    error ProposalsNoContract(address target);

    /// @param governor_ the governor's address, which may be that of a contract still to be deployed.
    constructor(
        address governor_,
        address validator_,
        address quorumAttester_,
        address stakeVault_,
        address treasuryAsset_
    ) {
        governor = IProposalTaker(governor_);
        validator = IPredictionValidator(validator_);
        quorumAttester = IQuorumAttester(quorumAttester_);
        stakeVault = IStakeVault(stakeVault_);
        treasuryAsset = IERC20(treasuryAsset_);
    }

    /* RISK */

    /// @notice Schedules a new value for one limit of a mandate. `fieldIndex` is the place in `LimitField`, 0 Active.
    /// The policy's own delay begins at execution; then anyone applies it.
    function proposeScheduleLimit(
        bytes32 mandateId,
        uint8 fieldIndex,
        uint256 newValue,
        string calldata description
    ) external returns (uint256 proposalId) {
        LimitField field = LimitField(fieldIndex);
        return _proposeCall(
            validator.policy(), abi.encodeCall(IRiskPolicy.scheduleLimit, (mandateId, field, newValue)), description
        );
    }

    /// @notice Ends what the breaker stopped.
    function proposeResetBreaker(string calldata description) external returns (uint256 proposalId) {
        return _proposeCall(validator.policy(), abi.encodeCall(IRiskPolicy.resetBreaker, ()), description);
    }

    /// @notice Lets the guardian pause once more.
    function proposeRearmPause(string calldata description) external returns (uint256 proposalId) {
        return _proposeCall(validator.policy(), abi.encodeCall(IRiskPolicy.rearmPause, ()), description);
    }

    /// @notice Schedules another rule book; after the validator's delay anyone applies it.
    function proposePolicy(address newPolicy, string calldata description) external returns (uint256 proposalId) {
        return _proposeCall(
            address(validator), abi.encodeCall(IPredictionValidator.schedulePolicy, (newPolicy)), description
        );
    }

    /// @notice Opens a mandate's book; it allows nothing before its limits. The hashes are keccak256 of `weex:<uid>` and of
    /// the market, such as `weex:BTCUSDT`.
    function proposeMandate(
        bytes32 venueAccountHash,
        bytes32 marketHash,
        address operator,
        string calldata description
    ) external returns (uint256 proposalId) {
        return _proposeCall(
            address(validator),
            abi.encodeCall(IPredictionValidator.registerMandate, (venueAccountHash, marketHash, operator)),
            description
        );
    }

    /* DISPUTES */

    /// @notice Decides an open dispute. `ruling` is 1 upheld, 2 corrected, 3 voided; `pnlE8` counts for corrected alone.
    /// The court refuses it before the review is over and after the last day for a ruling: propose it at once.
    function proposeRuling(bytes32 predictionId, uint8 ruling, int256 pnlE8, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            validator.court(),
            abi.encodeCall(IDisputeCourt.rule, (predictionId, Ruling(ruling), pnlE8)),
            description
        );
    }

    /// @notice Schedules another court for the validator; after the validator's delay anyone applies it. Whether it may
    /// take stake is for `proposeScheduleCourt`.
    function proposeCourt(address newCourt, string calldata description) external returns (uint256 proposalId) {
        return _proposeCall(
            address(validator), abi.encodeCall(IPredictionValidator.scheduleCourt, (newCourt)), description
        );
    }

    /// @notice Schedules another second class of attesters for the court; after its delay anyone applies it.
    function proposeReviewer(address newReviewer, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            validator.court(), abi.encodeCall(IDisputeCourt.scheduleReviewer, (newReviewer)), description
        );
    }

    /* WHO SPEAKS AND WHO TRADES */

    function proposeModel(bytes32 modelId, address publisher, bool isPrivate, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            validator.registry(),
            abi.encodeCall(IModelRegistry.proposeModel, (modelId, publisher, isPrivate)),
            description
        );
    }

    function proposeScheduleSigner(address signer, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            address(quorumAttester), abi.encodeCall(IQuorumAttester.scheduleSigner, (signer)), description
        );
    }

    /// @notice Admits a transport of verdicts, or changes what it may. `level` 0 to 3, `flagsMask` as in the payload.
    function proposeAdapter(
        address adapter,
        uint8 level,
        uint8 flagsMask,
        bool maySettle,
        string calldata description
    ) external returns (uint256 proposalId) {
        return _proposeCall(
            address(validator),
            abi.encodeCall(IPredictionValidator.setAdapter, (adapter, level, flagsMask, maySettle)),
            description
        );
    }

    function proposeExecutor(address newExecutor, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            address(validator), abi.encodeCall(IPredictionValidator.setExecutor, (newExecutor)), description
        );
    }

    /// @notice Names another guardian of one contract.
    function proposeGuardian(address guardedContract, address newGuardian, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(guardedContract, abi.encodeCall(Guarded.setGuardian, (newGuardian)), description);
    }

    /* MONEY */

    /// @notice Names the only address the fund sends cash to while it has no allocator.
    function proposeVenueDeposit(address newVenueDeposit, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            validator.vault(), abi.encodeCall(IFundVault.setVenueDeposit, (newVenueDeposit)), description
        );
    }

    function proposeVenueCapUsdE6(uint256 newCapUsdE6, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            validator.vault(), abi.encodeCall(IFundVault.setVenueCapUsdE6, (newCapUsdE6)), description
        );
    }

    /// @notice Names the allocator, once and for good: then only it sends the fund's cash.
    function proposeAllocator(address newAllocator, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            validator.vault(), abi.encodeCall(IFundVault.setAllocator, (newAllocator)), description
        );
    }

    /// @notice Names the address and the caps of a mandate's cash. The allocator's delay begins at execution; meanwhile
    /// nothing is sent there.
    function proposePlace(
        bytes32 mandateId,
        address venueDeposit,
        uint64 capUsdE6,
        uint16 capBps,
        string calldata description
    ) external returns (uint256 proposalId) {
        return _proposeCall(
            IFundVault(validator.vault()).allocator(),
            abi.encodeCall(IAllocator.schedulePlace, (mandateId, venueDeposit, capUsdE6, capBps)),
            description
        );
    }

    /// @notice Bounds one request and one account's requests of an epoch.
    function proposeDepositLimitsUsdE6(uint256 newMinUsdE6, uint256 newMaxUsdE6, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            validator.vault(),
            abi.encodeCall(IFundVault.setDepositLimitsUsdE6, (newMinUsdE6, newMaxUsdE6)),
            description
        );
    }

    /// @notice Bounds the part of all shares that one close redeems.
    function proposeRedeemCapBps(uint256 newCapBps, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return
            _proposeCall(validator.vault(), abi.encodeCall(IFundVault.setRedeemCapBps, (newCapBps)), description);
    }

    /// @notice Changes the fee from the epoch after the one of the execution.
    function proposePerformanceFeeBps(uint256 newBps, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return
            _proposeCall(validator.vault(), abi.encodeCall(IFundVault.setPerformanceFeeBps, (newBps)), description);
    }

    /// @notice Ends the fund, for good.
    function proposeWindDown(string calldata description) external returns (uint256 proposalId) {
        return _proposeCall(validator.vault(), abi.encodeCall(IFundVault.startWindDown, ()), description);
    }

    function proposeTreasuryPayment(address to, uint256 amountUsdE6, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            address(treasuryAsset), abi.encodeCall(IERC20.transfer, (to, amountUsdE6)), description
        );
    }

    /* STAKE */

    function proposeListMandate(bytes32 mandateId, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            address(stakeVault), abi.encodeCall(IStakeVault.listMandate, (mandateId)), description
        );
    }

    /// @notice Schedules who may slash stake.
    function proposeScheduleCourt(address newCourt, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            address(stakeVault), abi.encodeCall(IStakeVault.scheduleCourt, (newCourt)), description
        );
    }

    function proposeScheduleScorer(address newScorer, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            address(stakeVault), abi.encodeCall(IStakeVault.scheduleScorer, (newScorer)), description
        );
    }

    function proposeCancelSlash(uint256 slashId, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(address(stakeVault), abi.encodeCall(IStakeVault.cancelSlash, (slashId)), description);
    }

    /* GOVERNANCE ITSELF */

    /// @notice Takes over a contract whose owner has offered it to the timelock.
    function proposeAcceptOwnership(address ownedContract, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(ownedContract, abi.encodeCall(Ownable2Step.acceptOwnership, ()), description);
    }

    /// @notice Names who may cancel proposals. The guardian in office cannot cancel this one.
    function proposeProposalGuardian(address newGuardian, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            address(governor), abi.encodeCall(GovernorProposalGuardian.setProposalGuardian, (newGuardian)), description
        );
    }

    function proposeVotingDelay(uint48 newDelaySeconds, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            address(governor), abi.encodeCall(GovernorSettings.setVotingDelay, (newDelaySeconds)), description
        );
    }

    function proposeVotingPeriod(uint32 newPeriodSeconds, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            address(governor), abi.encodeCall(GovernorSettings.setVotingPeriod, (newPeriodSeconds)), description
        );
    }

    function proposeLateQuorumExtension(uint48 newExtensionSeconds, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            address(governor),
            abi.encodeCall(GovernorPreventLateQuorum.setLateQuorumVoteExtension, (newExtensionSeconds)),
            description
        );
    }

    function proposeProposalThreshold(uint256 newThresholdSaksi, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            address(governor), abi.encodeCall(GovernorSettings.setProposalThreshold, (newThresholdSaksi)), description
        );
    }

    function proposeQuorumPercent(uint256 newQuorumPercent, string calldata description)
        external
        returns (uint256 proposalId)
    {
        return _proposeCall(
            address(governor),
            abi.encodeCall(GovernorVotesQuorumFraction.updateQuorumNumerator, (newQuorumPercent)),
            description
        );
    }

    /* INSIDE */

    function _proposeCall(address target, bytes memory data, string calldata description)
        private
        returns (uint256 proposalId)
    {
        // a call of an address without code would pass and do nothing
        if (target.code.length == 0) revert ProposalsNoContract(target);
        string memory signed = string.concat(description, "#proposer=", Strings.toHexString(msg.sender));
        return governor.proposeFor(msg.sender, target, data, signed);
    }
}
