// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorPreventLateQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {GovernorProposalGuardian} from "@openzeppelin/contracts/governance/extensions/GovernorProposalGuardian.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorStorage} from "@openzeppelin/contracts/governance/extensions/GovernorStorage.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {GovernorVotesQuorumFraction} from
    "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IProposalTaker} from "../interfaces/IProposalTaker.sol";
import {IStakeVault} from "../interfaces/IStakeVault.sol";
import {SaksiTimelock} from "./SaksiTimelock.sol";

/// @notice The constants and first settings of the governor. Times in seconds, amounts in SAKSI of 18 decimals.
struct GovernorParams {
    uint48 votingDelaySeconds;
    uint32 votingPeriodSeconds;
    uint48 lateQuorumExtensionSeconds;
    uint48 queueWindowSeconds; // a proposal that won must be queued within it
    uint256 proposalThresholdSaksi;
    uint256 quorumPercent; // of the stake at the snapshot
    uint256 quorumFloorSaksi; // however little is staked
}

/// @title SaksiGovernor
///
/// PROMISES
/// - Votes are stake in `StakeVault` at the snapshot, nothing else. Whatever a proposal does, it does by the last
///   second at which all stake that voted for it is still in the vault, with a day to spare for a dispute: voting
///   period, extension, queue window, longest timelock delay and execution window together are shorter than the
///   unbonding, and every change of one of them is held to that (`longestLifeSeconds`).
/// - A quorum reached in the last moment leaves time to answer. However little is staked, `quorumFloorSaksi` must vote.
/// - The guardian cancels proposals at any stage until they are executed, and can do nothing else: not propose without
///   stake, not vote, queue or execute more than anybody. It cannot cancel a proposal that only replaces it.
///
/// DOES NOT PROMISE. That a majority of long-term stakers is wise. Whoever fears what it decided sees it for the
/// timelock's delay, then for the delay of the contract it concerns. The bound on a proposal's life is that of the
/// settings in force: one that is under way while period and extension both change may have the longer of each.
contract SaksiGovernor is
    GovernorSettings,
    GovernorCountingSimple,
    GovernorStorage,
    GovernorVotes,
    GovernorVotesQuorumFraction,
    GovernorPreventLateQuorum,
    GovernorProposalGuardian,
    GovernorTimelockControl,
    IProposalTaker
{
    uint256 public constant LOCK_MARGIN_SECONDS = 1 days;

    uint48 public immutable queueWindowSeconds;
    uint256 public immutable quorumFloorSaksi;
    /// @notice The only contract that may propose in somebody else's name.
    address public immutable proposals;

    error GovernorOutlivesStake(uint256 longestLifeSeconds, uint256 limitSeconds);
    error GovernorNotProposals(address caller);

    constructor(
        address stakeVault_,
        address timelock_,
        address proposals_,
        address proposalGuardian_,
        GovernorParams memory params
    )
        Governor("SaksiGovernor")
        GovernorSettings(params.votingDelaySeconds, params.votingPeriodSeconds, params.proposalThresholdSaksi)
        GovernorVotes(IVotes(stakeVault_))
        GovernorVotesQuorumFraction(params.quorumPercent)
        GovernorPreventLateQuorum(params.lateQuorumExtensionSeconds)
        GovernorTimelockControl(TimelockController(payable(timelock_)))
    {
        (queueWindowSeconds, quorumFloorSaksi) = (params.queueWindowSeconds, params.quorumFloorSaksi);
        proposals = proposals_;
        _setProposalGuardian(proposalGuardian_);
        _checkLife();
    }

    /* PROPOSING */

    /// @inheritdoc IProposalTaker
    function proposeFor(address proposer, address target, bytes calldata data, string calldata description)
        external
        returns (uint256 proposalId)
    {
        if (msg.sender != proposals) revert GovernorNotProposals(msg.sender);
        uint256 votes = getVotes(proposer, clock() - 1);
        uint256 threshold = proposalThreshold();
        if (votes < threshold) revert GovernorInsufficientProposerVotes(proposer, votes, threshold);
        address[] memory targets = new address[](1);
        bytes[] memory calldatas = new bytes[](1);
        (targets[0], calldatas[0]) = (target, data);
        return _propose(targets, new uint256[](1), calldatas, description, proposer);
    }

    /* THE LIFE OF A PROPOSAL */

    /// @notice From the snapshot of a proposal to the last second in which it can be executed, under present settings.
    function longestLifeSeconds() public view returns (uint256) {
        SaksiTimelock lock = SaksiTimelock(payable(timelock()));
        return votingPeriod() + lateQuorumVoteExtension() + queueWindowSeconds + lock.maxDelaySeconds()
            + lock.executionWindowSeconds();
    }

    function _checkLife() private view {
        uint256 life = longestLifeSeconds();
        uint256 lock = IStakeVault(address(token())).unbondingSeconds();
        uint256 limit = lock > LOCK_MARGIN_SECONDS ? lock - LOCK_MARGIN_SECONDS : 0;
        if (life >= limit) revert GovernorOutlivesStake(life, limit);
    }

    /// @inheritdoc GovernorSettings
    /// @dev Written again for the unit in the argument's name.
    function setVotingDelay(uint48 newDelaySeconds) public override {
        super.setVotingDelay(newDelaySeconds);
    }

    /// @inheritdoc GovernorSettings
    function setVotingPeriod(uint32 newPeriodSeconds) public override {
        super.setVotingPeriod(newPeriodSeconds);
        _checkLife();
    }

    /// @inheritdoc GovernorPreventLateQuorum
    function setLateQuorumVoteExtension(uint48 newExtensionSeconds) public override {
        super.setLateQuorumVoteExtension(newExtensionSeconds);
        _checkLife();
    }

    /// @inheritdoc GovernorTimelockControl
    function updateTimelock(TimelockController newTimelock) public override {
        super.updateTimelock(newTimelock);
        _checkLife();
    }

    /// @inheritdoc GovernorTimelockControl
    /// @dev What won and was not queued in time is expired; what was queued and not executed in time is cancelled.
    function state(uint256 proposalId)
        public
        view
        override(Governor, GovernorTimelockControl)
        returns (ProposalState current)
    {
        current = super.state(proposalId);
        if (current == ProposalState.Succeeded && clock() > proposalDeadline(proposalId) + queueWindowSeconds) {
            return ProposalState.Expired;
        }
    }

    /// @inheritdoc GovernorVotesQuorumFraction
    function quorum(uint256 timepoint)
        public
        view
        override(Governor, GovernorVotesQuorumFraction)
        returns (uint256)
    {
        return Math.max(super.quorum(timepoint), quorumFloorSaksi);
    }

    /* THE GUARDIAN */

    /// @dev A guardian that could cancel its own replacement would be there for ever.
    function _validateCancel(uint256 proposalId, address caller)
        internal
        view
        override(Governor, GovernorProposalGuardian)
        returns (bool)
    {
        if (caller == proposalGuardian() && _replacesGuardian(proposalId)) {
            return Governor._validateCancel(proposalId, caller);
        }
        return super._validateCancel(proposalId, caller);
    }

    function _replacesGuardian(uint256 proposalId) private view returns (bool) {
        (address[] memory targets,, bytes[] memory calldatas,) = proposalDetails(proposalId);
        return targets.length == 1 && targets[0] == address(this)
            && bytes4(calldatas[0]) == this.setProposalGuardian.selector;
    }

    /* REQUIRED OVERRIDES */

    function proposalDeadline(uint256 proposalId)
        public
        view
        override(Governor, GovernorPreventLateQuorum)
        returns (uint256)
    {
        return super.proposalDeadline(proposalId);
    }

    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }

    function proposalNeedsQueuing(uint256 proposalId)
        public
        view
        override(Governor, GovernorTimelockControl)
        returns (bool)
    {
        return super.proposalNeedsQueuing(proposalId);
    }

    function _propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description,
        address proposer
    ) internal override(Governor, GovernorStorage) returns (uint256) {
        return super._propose(targets, values, calldatas, description, proposer);
    }

    function _tallyUpdated(uint256 proposalId) internal override(Governor, GovernorPreventLateQuorum) {
        super._tallyUpdated(proposalId);
    }

    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint48) {
        return super._queueOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) {
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint256) {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }
}
