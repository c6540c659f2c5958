// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondVault} from "../interfaces/IBondVault.sol";
import {IFundVault} from "../interfaces/IFundVault.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {IQuorumAttester} from "../interfaces/IQuorumAttester.sol";
import {IRiskPolicy} from "../interfaces/IRiskPolicy.sol";
import {IStakeVault} from "../interfaces/IStakeVault.sol";
import {Check, bit} from "./Check.sol";
import {
    IAllocatorSource,
    IAttesterBondsSource,
    ICourtSource,
    IFundSource,
    IGovernorSource,
    IOwnedSource,
    IPolicySource,
    IProposalsSource,
    IQuorumSource,
    IStakeSource,
    ITimelockSource,
    LensAddresses
} from "./LensSources.sol";

/// @title Who may do what, and which contract knows which: as the deployment says.
library RoleChecks {
    uint8 private constant QUORUM_LEVEL = 2;

    /* ROLES */

    function roles(LensAddresses memory d) internal view returns (uint256 broken) {
        address[7] memory guarded = [d.validator, d.policy, d.registry, d.quorum, d.vault, d.allocator, d.stakeVault];
        bool owned = d.court == address(0) || IOwnedSource(d.court).owner() == d.owner;
        bool guardianHeld = d.governor == address(0) || IGovernorSource(d.governor).proposalGuardian() == d.guardian;
        for (uint256 i = 0; i < guarded.length; ++i) {
            if (guarded[i] == address(0)) continue;
            owned = owned && IOwnedSource(guarded[i]).owner() == d.owner;
            guardianHeld = guardianHeld && IOwnedSource(guarded[i]).guardian() == d.guardian;
        }
        uint256 longestPause = block.timestamp + IPolicySource(d.policy).maxPauseSeconds();
        address executor = IPredictionValidator(d.validator).executor();
        bool apart = _apart([d.owner, d.guardian, executor, IFundVault(d.vault).operator()]);
        broken = bit(Check.G1Owner, owned) | bit(Check.G2Guardian, guardianHeld) | bit(Check.G2Keys, apart)
            | bit(Check.G3Pause, IRiskPolicy(d.policy).pausedUntil() <= longestPause);
        if (d.governor != address(0)) broken |= bit(Check.G1Governor, _onlyGovernorSchedules(d));
    }

    function _apart(address[4] memory people) private pure returns (bool) {
        for (uint256 i = 0; i < people.length; ++i) {
            for (uint256 j = 0; j < i; ++j) {
                if (people[i] == people[j]) return false;
            }
        }
        return true;
    }

    /// @dev A timelock keeps no list of who has a role; asked for are the governor and everybody the lens knows.
    function _onlyGovernorSchedules(LensAddresses memory d) private view returns (bool) {
        address timelock = IGovernorSource(d.governor).timelock();
        if (timelock != d.owner) return false;
        ITimelockSource lock = ITimelockSource(timelock);
        (bytes32 proposer, bytes32 admin) = (lock.PROPOSER_ROLE(), lock.DEFAULT_ADMIN_ROLE());
        address[4] memory people = [address(0), d.guardian, d.executor, IFundVault(d.vault).operator()];
        for (uint256 i = 0; i < people.length; ++i) {
            if (lock.hasRole(proposer, people[i]) || lock.hasRole(admin, people[i])) return false;
        }
        return lock.hasRole(proposer, d.governor) && !lock.hasRole(admin, d.governor);
    }

    /* POINTERS */

    function core(LensAddresses memory d) internal view returns (uint256 broken) {
        IPredictionValidator validator = IPredictionValidator(d.validator);
        IFundVault vault = IFundVault(d.vault);
        IBondVault bond = IBondVault(vault.bond());
        bool knowsFund = validator.vault() == d.vault && vault.allocator() == d.allocator;
        bool fundKnows =
            IFundSource(d.vault).validator() == d.validator && IFundSource(d.vault).attester() == d.quorum;
        broken = bit(Check.WiredPolicy, validator.policy() == d.policy)
            | bit(Check.WiredRegistry, validator.registry() == d.registry)
            | bit(Check.WiredExecutor, validator.executor() == d.executor)
            | bit(Check.WiredVault, knowsFund && fundKnows)
            | bit(
                Check.WiredBond,
                bond.vault() == d.vault && bond.asset() == vault.asset()
                    && IPolicySource(d.policy).bondSource() == address(bond)
            );
        (uint8 level,, bool maySettle) = validator.adapter(d.quorum);
        IQuorumSource quorum = IQuorumSource(d.quorum);
        broken |= bit(
            Check.WiredQuorum,
            quorum.validator() == d.validator && quorum.vault() == d.vault && level == QUORUM_LEVEL && maySettle
        );
    }

    function edges(LensAddresses memory d) internal view returns (uint256 broken) {
        address asset = IFundVault(d.vault).asset();
        bool courtHolds = IPredictionValidator(d.validator).court() == d.court;
        if (d.court != address(0)) {
            ICourtSource court = ICourtSource(d.court);
            courtHolds = courtHolds && court.validator() == d.validator && court.asset() == asset;
        }
        bool bondsHold = IQuorumAttester(d.quorum).bonds() == d.attesterBonds;
        if (d.attesterBonds != address(0)) {
            IAttesterBondsSource bonds = IAttesterBondsSource(d.attesterBonds);
            bondsHold = bondsHold && bonds.validator() == d.validator && bonds.quorum() == d.quorum
                && bonds.asset() == asset;
        }
        bool allocatorHolds = true;
        if (d.allocator != address(0)) {
            IAllocatorSource allocator = IAllocatorSource(d.allocator);
            allocatorHolds = allocator.vault() == d.vault && allocator.validator() == d.validator;
        }
        return bit(Check.WiredCourt, courtHolds) | bit(Check.WiredBonds, bondsHold)
            | bit(Check.WiredAllocator, allocatorHolds);
    }

    function stakeAndGovernance(LensAddresses memory d) internal view returns (uint256 broken) {
        if (d.stakeVault == address(0)) return 0;
        bool stakeHolds = IStakeSource(d.stakeVault).asset() == IFundVault(d.vault).asset();
        // the court takes stake only where both name each other
        if (d.court != address(0)) {
            stakeHolds = stakeHolds && IStakeVault(d.stakeVault).court() == d.court
                && ICourtSource(d.court).stake() == d.stakeVault;
        }
        broken = bit(Check.WiredStake, stakeHolds);
        if (d.governor == address(0)) return broken;
        IGovernorSource governor = IGovernorSource(d.governor);
        IProposalsSource proposals = IProposalsSource(governor.proposals());
        broken |= bit(
            Check.WiredGovernance,
            governor.token() == d.stakeVault && proposals.governor() == d.governor
                && proposals.validator() == d.validator && proposals.quorumAttester() == d.quorum
                && proposals.stakeVault() == d.stakeVault
        );
    }
}
