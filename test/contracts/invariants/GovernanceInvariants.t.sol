// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {GovernorParams, SaksiGovernor} from "../../../contracts/governance/SaksiGovernor.sol";
import {SaksiProposals} from "../../../contracts/governance/SaksiProposals.sol";
import {SaksiTimelock} from "../../../contracts/governance/SaksiTimelock.sol";
import {IAllocator} from "../../../contracts/interfaces/IAllocator.sol";
import {LimitField} from "../../../contracts/interfaces/IRiskPolicy.sol";
import {Protocol, vm} from "./Protocol.sol";

/// @title Stakers, a borrower of votes, the guardian, and those who would rule without a vote.
contract GovernanceHandler is Protocol {
    error Broken(string rule);

    enum Kind {
        LoosenNotional,
        RearmPause,
        PayTreasury,
        ReplaceGuardian
    }

    struct Proposal {
        uint256 id;
        Kind kind;
        uint256 value;
        uint256 snapshot;
        uint256 queuedAt;
        uint256 forVotes;
        uint256 againstVotes;
        bool done;
    }

    uint256 private constant VOTERS = 3;
    uint256 private constant OWNED = 7;
    uint256 private constant RECENT = 2;
    uint256 private constant TREASURY_E6 = 1_000_000e6;
    address private constant BORROWER = address(0xE0);
    uint48 private constant VOTING_DELAY = 1 days;
    uint32 private constant VOTING_PERIOD = 2 days;
    uint256 private constant TIMELOCK_DELAY = 2 days;
    uint256 private constant FLOOR = 100_000e18;

    SaksiTimelock public immutable timelock;
    SaksiProposals public immutable proposals;
    SaksiGovernor public immutable governor;
    address[OWNED] private _owned;
    Proposal[] private _proposals;
    mapping(uint256 proposal => mapping(uint256 voter => uint256)) private _weights;

    // what only governance may change, and by how much it did
    uint256 private _notional = 25_000e6;
    uint256 private _scheduledNotional;
    uint256 private _applicableAt;
    uint256 private _treasury = TREASURY_E6;
    address private _proposalGuardian = GUARDIAN;
    bool private _spent;
    uint256 private _pausedUntil;
    string private _brokenOwner;
    string private _brokenGuardian;
    string private _brokenPause;
    mapping(bytes32 act => uint256) public taken;

    constructor() {
        // the governor is the third contract from here; the timelock and the proposals must know it
        SaksiGovernorDeployer deployer = new SaksiGovernorDeployer();
        (timelock, proposals, governor) = deployer.deploy(
            address(validator), address(quorum), address(stakeVault), address(usd), GUARDIAN
        );
        _owned = [
            address(validator), address(policy), address(registry), address(quorum), address(fund),
            address(stakeVault), address(allocator)
        ];
        for (uint256 i = 0; i < OWNED; ++i) {
            Ownable2Step(_owned[i]).transferOwnership(address(timelock));
            vm.prank(address(timelock));
            Ownable2Step(_owned[i]).acceptOwnership();
        }
        usd.mint(address(timelock), TREASURY_E6);
        for (uint256 i = 0; i < VOTERS; ++i) {
            saksi.transfer(_voter(i), 2_000_000e18);
            vm.prank(_voter(i));
            saksi.approve(address(stakeVault), type(uint256).max);
            vm.prank(_voter(i));
            stakeVault.stake((3 - i) * 100_000e18);
            vm.prank(_voter(i));
            stakeVault.delegate(_voter(i));
        }
        saksi.transfer(BORROWER, 50_000_000e18);
        vm.prank(BORROWER);
        saksi.approve(address(stakeVault), type(uint256).max);
        vm.prank(BORROWER);
        stakeVault.delegate(BORROWER);
        vm.warp(block.timestamp + 1);
    }

    function _voter(uint256 i) private pure returns (address) {
        return address(uint160(0xC0 + i % VOTERS));
    }

    function _try(address from, address to, bytes memory data) private returns (bool ok, bytes memory answer) {
        vm.prank(from);
        (ok, answer) = to.call(data);
    }

    function _owner(bool holds, string memory why) private {
        if (!holds && bytes(_brokenOwner).length == 0) _brokenOwner = why;
    }

    function _guardian(bool holds, string memory why) private {
        if (!holds && bytes(_brokenGuardian).length == 0) _brokenGuardian = why;
    }

    function _pause(bool holds, string memory why) private {
        if (!holds && bytes(_brokenPause).length == 0) _brokenPause = why;
    }

    /* A PROPOSAL'S LIFE */

    function propose(uint256 seed) external {
        address by = seed % 5 == 0 ? STRANGER : _voter(seed);
        Kind kind = Kind((seed >> 8) % 4);
        uint256 value = kind == Kind.LoosenNotional ? 20_000e6 + (seed >> 16) % 60_000e6 : 1 + (seed >> 16) % 50_000e6;
        string memory words = string(abi.encodePacked(seed));
        bytes memory data = abi.encodeCall(proposals.proposeRearmPause, (words));
        if (kind == Kind.LoosenNotional) {
            data = abi.encodeCall(proposals.proposeScheduleLimit, (mandateIds[0], uint8(LimitField.MaxNotionalUsdE6), value, words));
        } else if (kind == Kind.PayTreasury) {
            data = abi.encodeCall(proposals.proposeTreasuryPayment, (SLASH_RECIPIENT, value, words));
        } else if (kind == Kind.ReplaceGuardian) {
            data = abi.encodeCall(proposals.proposeProposalGuardian, (address(uint160(0xF00 + value % 16)), words));
        }
        (bool ok, bytes memory answer) = _try(by, address(proposals), data);
        _guardian(!ok || by != STRANGER, "somebody without stake proposed");
        if (!ok) return;
        _proposals.push(
            Proposal(abi.decode(answer, (uint256)), kind, value, block.timestamp + VOTING_DELAY, 0, 0, 0, false)
        );
        ++taken["propose"];
    }

    /// @dev One of the last ones: older ones are over.
    function _index(uint256 seed) private view returns (uint256) {
        uint256 count = _proposals.length;
        return count - 1 - (seed >> 32) % (count < RECENT ? count : RECENT);
    }

    function _any(uint256 seed) private view returns (Proposal storage) {
        return _proposals[_index(seed)];
    }

    function vote(uint256 seed) external {
        if (_proposals.length == 0) return;
        uint256 index = _index(seed);
        Proposal storage p = _proposals[index];
        uint256 voter = seed % VOTERS;
        if (seed % 7 != 0 && block.timestamp <= p.snapshot) vm.warp(p.snapshot + 1);
        uint8 side = (seed >> 8) % 6 == 0 ? 0 : 1;
        bytes memory data = abi.encodeCall(IGovernor.castVote, (p.id, side));
        (bool ok, bytes memory answer) = _try(_voter(voter), address(governor), data);
        _owner(!ok || block.timestamp > p.snapshot, "a vote before its snapshot");
        if (!ok) return;
        uint256 weight = abi.decode(answer, (uint256));
        _weights[index][voter] = weight;
        if (side == 1) p.forVotes += weight;
        else p.againstVotes += weight;
        ++taken["vote"];
    }

    /// @dev Buys, stakes and votes within a second, then asks for everything back.
    function flashVote(uint256 seed) external {
        if (_proposals.length == 0) return;
        Proposal storage p = _any(seed);
        uint256 amount = 1e18 + (seed >> 64) % 10_000_000e18;
        if (seed % 2 == 0 && block.timestamp < p.snapshot) vm.warp(p.snapshot);
        (bool staked,) = _try(BORROWER, address(stakeVault), abi.encodeCall(stakeVault.stake, (amount)));
        if (!staked) return;
        (bool ok, bytes memory answer) = _try(BORROWER, address(governor), abi.encodeCall(IGovernor.castVote, (p.id, 1)));
        bool early = block.timestamp <= p.snapshot;
        _owner(!ok || (!early && abi.decode(answer, (uint256)) == 0), "borrowed stake voted in the second it came");
        bytes memory back = abi.encodeCall(stakeVault.requestUnstake, (bytes32(0), amount));
        _try(BORROWER, address(stakeVault), back);
        (bool out,) = _try(BORROWER, address(stakeVault), abi.encodeCall(stakeVault.withdrawUnstaked, (bytes32(0))));
        _owner(!out, "borrowed stake left in the second it came");
        ++taken["flashVote"];
    }

    function queue(uint256 seed) external {
        if (_proposals.length == 0) return;
        Proposal storage p = _any(seed);
        uint256 end = p.snapshot + VOTING_PERIOD + 1;
        if (seed % 3 != 0 && p.forVotes != 0 && block.timestamp < end) vm.warp(end);
        (bool ok,) = _try(STRANGER, address(governor), abi.encodeWithSignature("queue(uint256)", p.id));
        if (!ok) return;
        _owner(block.timestamp > p.snapshot + VOTING_PERIOD, "queued while the vote was open");
        _owner(p.forVotes > p.againstVotes && p.forVotes >= FLOOR, "queued without a majority of a quorum");
        p.queuedAt = block.timestamp;
        ++taken["queue"];
    }

    function execute(uint256 seed) external {
        if (_proposals.length == 0) return;
        uint256 index = _index(seed);
        Proposal storage p = _proposals[index];
        uint256 due = p.queuedAt + TIMELOCK_DELAY;
        if (seed % 3 != 0 && p.queuedAt != 0 && block.timestamp < due) vm.warp(due);
        (bool ok,) = _try(STRANGER, address(governor), abi.encodeWithSignature("execute(uint256)", p.id));
        if (!ok) return;
        _owner(!p.done && p.queuedAt != 0, "executed twice, or without having been queued");
        _owner(block.timestamp >= p.queuedAt + TIMELOCK_DELAY, "executed before the timelock's delay");
        p.done = true;
        for (uint256 i = 0; i < VOTERS; ++i) {
            uint256 locked = stakeVault.stakedOf(_voter(i)) + stakeVault.leavingOf(_voter(i), 0).amountSaksi;
            _owner(locked >= _weights[index][i], "a vote took effect after its stake had left");
        }
        if (p.kind == Kind.LoosenNotional) (_scheduledNotional, _applicableAt) = (p.value, block.timestamp + LOOSEN_DELAY);
        if (p.kind == Kind.RearmPause) _spent = false;
        if (p.kind == Kind.PayTreasury) _treasury -= p.value;
        if (p.kind == Kind.ReplaceGuardian) _proposalGuardian = address(uint160(0xF00 + p.value % 16));
        ++taken["execute"];
    }

    /* STAKERS */

    function stake(uint256 seed) external {
        bytes memory data = abi.encodeCall(stakeVault.stake, (1e18 + (seed >> 8) % 50_000e18));
        _try(_voter(seed), address(stakeVault), data);
    }

    function unstake(uint256 seed) external {
        address who = _voter(seed);
        uint256 amount = stakeVault.signalOf(who, 0) / (2 + (seed >> 8) % 4);
        _try(who, address(stakeVault), abi.encodeCall(stakeVault.requestUnstake, (bytes32(0), amount)));
    }

    function withdraw(uint256 seed) external {
        _try(_voter(seed), address(stakeVault), abi.encodeCall(stakeVault.withdrawUnstaked, (bytes32(0))));
    }

    /* GUARDIAN */

    /// @dev Everything it may do only makes things safer.
    function guard(uint256 seed) external {
        uint256 kind = seed % 6;
        if (kind == 0) _cancel(seed);
        if (kind == 1) {
            uint256 lower = _notional - _notional / (2 + (seed >> 8) % 40);
            bytes memory data = abi.encodeCall(policy.tightenMaxNotionalUsdE6, (mandateIds[0], uint128(lower)));
            (bool ok,) = _try(GUARDIAN, address(policy), data);
            _guardian(ok || lower == _notional, "the guardian could not tighten");
            // a limit that waits to be loosened is given up by tightening it
            if (ok) (_notional, _scheduledNotional) = (lower, 0);
            ++taken["tighten"];
        }
        if (kind == 2) {
            bytes memory data = abi.encodeCall(policy.tightenMaxNotionalUsdE6, (mandateIds[0], uint128(_notional + 1 + seed % 1e6)));
            (bool ok,) = _try(GUARDIAN, address(policy), data);
            _guardian(!ok, "the guardian loosened a limit");
        }
        if (kind == 3 && _scheduledNotional != 0) {
            bytes memory data = abi.encodeCall(policy.cancelLimit, (mandateIds[0], LimitField.MaxNotionalUsdE6));
            (bool ok,) = _try(GUARDIAN, address(policy), data);
            if (ok) _scheduledNotional = 0;
            ++taken["cancelLimit"];
        }
        if (kind > 3) _pauseRisk(seed);
    }

    function _cancel(uint256 seed) private {
        if (_proposals.length == 0) return;
        Proposal storage p = _any(seed);
        bytes memory data = abi.encodeWithSignature("cancel(uint256)", p.id);
        (bool other,) = _try(STRANGER, address(governor), data);
        _guardian(!other, "a stranger cancelled a proposal");
        if ((seed >> 8) % 4 != 0 && p.kind != Kind.ReplaceGuardian) return;
        (bool ok,) = _try(_proposalGuardian, address(governor), data);
        _guardian(!ok || p.kind != Kind.ReplaceGuardian, "the guardian cancelled its own replacement");
        if (ok) ++taken["cancel"];
    }

    function _pauseRisk(uint256 seed) private {
        uint64 time = uint64(1 + (seed >> 8) % (uint256(MAX_PAUSE) * 5 / 4));
        (bool ok,) = _try(GUARDIAN, address(policy), abi.encodeCall(policy.pauseNewRisk, (time)));
        _pause(ok == (!_spent && time <= MAX_PAUSE), "the guardian paused twice, too long, or could not pause");
        if (!ok) return;
        (_spent, _pausedUntil) = (true, block.timestamp + time);
        ++taken["pause"];
    }

    /// @dev Those who are nobody to governance, the guardian among them, try what only the timelock may.
    function usurp(uint256 seed) external {
        address[8] memory callers =
            [GUARDIAN, EXECUTOR, OPERATOR, FEEDER, STRANGER, _voter(seed), address(governor), address(proposals)];
        uint256 who = (seed >> 8) % 8;
        address target = _owned[(seed >> 16) % OWNED];
        bytes[8] memory acts = [
            abi.encodeWithSignature("transferOwnership(address)", callers[who]),
            abi.encodeWithSignature("setGuardian(address)", callers[who]),
            abi.encodeCall(policy.scheduleLimit, (mandateIds[0], LimitField.MaxNotionalUsdE6, 1e12)),
            abi.encodeCall(policy.resetBreaker, ()),
            abi.encodeCall(policy.rearmPause, ()),
            abi.encodeCall(usd.transfer, (callers[who], 1)),
            abi.encodeCall(IAllocator.schedulePlace, (mandateIds[0], callers[who], 1e12, 10_000)),
            abi.encodeCall(timelock.grantRole, (bytes32(0), callers[who]))
        ];
        uint256 act = (seed >> 24) % 8;
        if (act > 1 && act < 5) target = address(policy);
        if (act == 5) return; // its own dollar is everyone's to send
        if (act == 6) target = address(allocator);
        if (act == 7) target = address(timelock);
        (bool ok,) = _try(callers[who], target, acts[act]);
        _owner(!ok, "somebody else did what is the timelock's");
        _guardian(!ok || who != 0, "the guardian did what is the timelock's");
        bytes memory schedule = abi.encodeCall(
            timelock.schedule, (address(usd), 0, abi.encodeCall(usd.transfer, (STRANGER, 1)), 0, bytes32(seed), TIMELOCK_DELAY)
        );
        (bool scheduled,) = _try(callers[who], address(timelock), schedule);
        _owner(!scheduled || callers[who] == address(governor), "somebody else put a call into the timelock");
        ++taken["usurp"];
    }

    function applyLimit(uint256 seed) external {
        if (seed % 2 == 0 && _scheduledNotional != 0 && block.timestamp < _applicableAt) vm.warp(_applicableAt);
        bytes memory data = abi.encodeCall(policy.applyLimit, (mandateIds[0], LimitField.MaxNotionalUsdE6));
        (bool ok,) = _try(STRANGER, address(policy), data);
        bool may = _scheduledNotional != 0 && block.timestamp >= _applicableAt;
        _owner(ok == may, "a limit was loosened without its delay, or not at all");
        if (!ok) return;
        (_notional, _scheduledNotional) = (_scheduledNotional, 0);
        ++taken["loosen"];
    }

    function wait(uint256 seed) external {
        vm.warp(block.timestamp + 1 + seed % 1 days);
    }

    /* JUDGING */

    /// @notice G1: owners, limits and treasury are what executed proposals made of them.
    function checkOwner() external view {
        if (bytes(_brokenOwner).length != 0) revert Broken(_brokenOwner);
        for (uint256 i = 0; i < OWNED; ++i) {
            if (Ownable2Step(_owned[i]).owner() != address(timelock)) revert Broken("a contract has another owner");
            if (Ownable2Step(_owned[i]).pendingOwner() != address(0)) revert Broken("a contract was offered away");
        }
        if (policy.limits(mandateIds[0]).maxNotionalUsdE6 != _notional) revert Broken("a limit nobody voted for");
        if (usd.balanceOf(address(timelock)) != _treasury) revert Broken("the treasury was moved");
        if (governor.proposalGuardian() != _proposalGuardian) revert Broken("a guardian nobody voted for");
    }

    /// @notice G2: whatever the guardian did, it made things safer.
    function checkGuardian() external view {
        if (bytes(_brokenGuardian).length != 0) revert Broken(_brokenGuardian);
    }

    /// @notice G3: a pause ends, and is followed by no other that governance did not allow.
    function checkPause() external view {
        if (bytes(_brokenPause).length != 0) revert Broken(_brokenPause);
        if (policy.halted() != (block.timestamp < _pausedUntil)) revert Broken("new risk stopped without a pause, or goes on in one");
        if (_pausedUntil > block.timestamp + MAX_PAUSE) revert Broken("a pause without an end");
    }
}

/// @title Deploys the three contracts of governance, which name each other.
contract SaksiGovernorDeployer {
    function deploy(address validator, address quorum, address stakeVault, address usd, address guardian)
        external
        returns (SaksiTimelock timelock, SaksiProposals proposals, SaksiGovernor governor)
    {
        // the third contract this one creates
        address third = address(uint160(uint256(keccak256(abi.encodePacked(hex"d694", address(this), hex"03")))));
        timelock = new SaksiTimelock(2 days, 3 days, 3 days, third);
        proposals = new SaksiProposals(third, validator, quorum, stakeVault, usd);
        governor = new SaksiGovernor(
            stakeVault,
            address(timelock),
            address(proposals),
            guardian,
            GovernorParams({
                votingDelaySeconds: 1 days,
                votingPeriodSeconds: 2 days,
                lateQuorumExtensionSeconds: 1 days,
                queueWindowSeconds: 2 days,
                proposalThresholdSaksi: 1_000e18,
                quorumPercent: 10,
                quorumFloorSaksi: 100_000e18
            })
        );
        assert(address(governor) == third);
    }
}

/// @title Governance under any sequence of acts: one promise each.
contract GovernanceInvariantsTest {
    GovernanceHandler private _handler;

    function setUp() external {
        _handler = new GovernanceHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// Broken by: ending what the breaker stopped asks nobody.
    function invariant_G1_onlyTheTimelockGrantsLoosensAndPays() external view {
        _handler.checkOwner();
    }

    /// Broken by: the guardian cancels its own replacement.
    function invariant_G2_theGuardianOnlyMakesSafer() external view {
        _handler.checkGuardian();
    }

    /// Broken by: a pause does not use up the guardian's one.
    function invariant_G3_aPauseEndsAndIsNotRepeated() external view {
        _handler.checkPause();
    }
}

/// @title The acts of the campaign really happen.
contract GovernanceActsTest {
    error Never(string acts);
    error Failed(bytes4 act, bytes reason);

    uint256 private constant ACTS = 2500;

    function test_everyKindOfActSucceeds() external {
        GovernanceHandler handler = new GovernanceHandler();
        bytes4[14] memory selectors = [
            handler.propose.selector, handler.vote.selector, handler.vote.selector, handler.flashVote.selector,
            handler.queue.selector, handler.execute.selector, handler.stake.selector, handler.unstake.selector,
            handler.withdraw.selector, handler.guard.selector, handler.usurp.selector, handler.applyLimit.selector,
            handler.guard.selector, handler.guard.selector
        ];
        for (uint256 i = 0; i < ACTS; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            bytes4 selector = selectors[(seed >> 200) % selectors.length];
            (bool ok, bytes memory answer) = address(handler).call(abi.encodeWithSelector(selector, seed));
            if (!ok) revert Failed(selector, answer);
        }
        bytes32[10] memory acts = [
            bytes32("propose"), "vote", "flashVote", "queue", "execute", "cancel", "tighten", "pause",
            "usurp", "loosen"
        ];
        string memory missing;
        for (uint256 i = 0; i < acts.length; ++i) {
            if (handler.taken(acts[i]) == 0) missing = string.concat(missing, string(abi.encodePacked(acts[i])));
        }
        if (bytes(missing).length != 0) revert Never(missing);
    }
}
