// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Rule} from "./Chronicle.sol";
import {RuleActs} from "./RuleActs.sol";

/// @title Everyone who acts on predictions, risk, attestation and court, in any order.
contract ProtocolHandler is RuleActs {
    function predict(uint256 seed) external {
        _predict(_mix(seed));
    }

    function publish(uint256 seed) external {
        seed = _mix(seed);
        uint256 kind = seed % 8;
        if (kind == 0) _register(seed);
        else if (kind < 3) _attestRegistered(seed);
        else if (kind == 3) _lapse(seed);
        else if (kind < 6) _deliverFalsely(seed);
        else _predict(seed);
    }

    function settle(uint256 seed) external {
        _settle(_mix(seed));
    }

    function witness(uint256 seed) external {
        seed = _mix(seed);
        uint256 kind = seed % 8;
        if (kind < 3) _cancel(seed);
        else if (kind == 3) _revoke(seed);
        else _settlePartially(seed);
    }

    function close(uint256 seed) external {
        seed = _mix(seed);
        if (seed % 2 == 0) _expire(seed);
        else _finalize(seed);
    }

    function dispute(uint256 seed) external {
        seed = _mix(seed);
        uint256 kind = seed % 12;
        if (kind < 7) _challenge(seed);
        else if (kind < 10) _payBonds(seed);
        else _punish(seed);
    }

    function judge(uint256 seed) external {
        seed = _mix(seed);
        uint256 kind = seed % 4;
        if (kind == 0) _prove(seed);
        else if (kind == 1) _review(seed);
        else _rule(seed);
    }

    function govern(uint256 seed) external {
        seed = _mix(seed);
        uint256 kind = seed % 8;
        if (kind == 0) _tighten(seed);
        else if (kind < 4) _loosen(seed);
        else if (kind < 6) _stop(seed);
        else _seats(seed);
    }

    function live(uint256 seed) external {
        _live(_mix(seed));
    }

    function intrude(uint256 seed) external {
        seed = _mix(seed);
        if (seed % 2 == 0) _intrude(seed);
        else _repeat(seed);
    }
}

/// @title Every promise about predictions, risk, attestation and court, under any sequence of acts.
/// @dev `docs/invariants.md` says each in a sentence; `mutants.ts` holds what breaks it.
contract ProtocolInvariantsTest {
    error TooFew(string what, uint256 seen, uint256 wanted);

    uint256 private constant LIVES = 40;
    uint256 private constant ACTS = 64;

    ProtocolHandler private _handler;
    mapping(string what => uint256) private _seen;

    function setUp() external {
        _handler = new ProtocolHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// Broken by: a result is final before its window ends.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_D1_statesMoveOnlyForward() external view {
        _handler.checkStates();
    }

    /// Broken by: a prediction may skip a sequence.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_D2_sequenceIsGaplessPerMandate() external view {
        _handler.checkSequences();
    }

    /// Broken by: a revocation leaves the chain as it was.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_D3_headIsTheFoldOfAllEvents() external view {
        _handler.checkHead();
    }

    /// Broken by: another deadline is mixed with the old one; or bond on its way out backs approvals.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_D4_recordsSayWhatWasDecided() external view {
        _handler.checkRecords();
    }

    /// Broken by: an unopened reveal is booked.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_D5_revealOpensTheSeal() external view {
        _handler.checkRule(Rule.D5);
    }

    /// Broken by: only the owner may expire.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_D6_overdueIsClosedByAnyone() external view {
        _handler.checkRule(Rule.D6);
    }

    /// Broken by: a rejection fills the buckets.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_D7_rejectionReservesNothing() external view {
        _handler.checkRule(Rule.D7);
    }

    /// Broken by: a late entry is not flagged.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_D8_timesHoldOrAreFlagged() external view {
        _handler.checkRule(Rule.D8);
    }

    /// Broken by: a final result may become final again.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_D9_sameReportTwiceChangesNothing() external view {
        _handler.checkRule(Rule.D9);
    }

    /// Broken by: a cancel releases no notional.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_R1_openIsTheSumUnderItsCap() external view {
        _handler.checkOpen();
    }

    /// Broken by: the budget ignores the new loss.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_R2_reservedLossIsTheSumUnderItsBudget() external view {
        _handler.checkReserved();
    }

    /// Broken by: the bucket refills twice as fast.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_R3_noWindowExceedsItsRate() external view {
        _handler.checkRule(Rule.R3);
    }

    /// Broken by: the breaker counts only during a pause.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_R4_haltStopsNewRiskOnly() external view {
        _handler.checkRule(Rule.R4);
    }

    /// Broken by: the peak never rises.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_R5_drawdownHoldsAtEveryApproval() external view {
        _handler.checkProfit();
    }

    /// Broken by: a loosening applies at once.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_R6_looseningWaitsTighteningDoesNot() external view {
        _handler.checkLimits();
    }

    /// Broken by: any older round brackets a fill.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_R7_priceHoldsOrIsFlagged() external view {
        _handler.checkRule(Rule.R7);
    }

    /// Broken by: one member signs three times.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_A1_fewerThanQuorumDecideNothing() external view {
        _handler.checkRule(Rule.A1);
    }

    /// Broken by: the publisher may witness.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_A2_partiesNeverWitness() external view {
        _handler.checkRule(Rule.A2);
    }

    /// Broken by: a removed member keeps its seat.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_A3_removedHaveNoEffect() external view {
        _handler.checkRule(Rule.A3);
    }

    /// Broken by: anyone may deliver settlements.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_A4_onlyEnabledDoorsLeadIn() external view {
        _handler.checkRule(Rule.A4);
    }

    /// Broken by: bonds are marked paid after the transfer.
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_S3_bondsPaidAreBondsPosted() external view {
        _handler.checkBonds();
    }

    /// The same acts by the same chance, counted: no promise above is kept because nothing happened.
    function test_everythingHappens() external {
        for (uint256 life = 0; life < LIVES; ++life) {
            ProtocolHandler h = new ProtocolHandler();
            bytes4[10] memory acts = _acts(h);
            for (uint256 i = 0; i < ACTS; ++i) {
                uint256 seed = uint256(keccak256(abi.encode(life, i)));
                (bool ok,) = address(h).call(abi.encodeWithSelector(acts[seed % acts.length], seed));
                if (!ok) revert TooFew("acts that do not revert", i, ACTS);
            }
            _count(h);
        }
        _judge();
    }

    function _acts(ProtocolHandler h) private pure returns (bytes4[10] memory) {
        return [
            h.predict.selector,
            h.publish.selector,
            h.settle.selector,
            h.witness.selector,
            h.close.selector,
            h.dispute.selector,
            h.judge.selector,
            h.govern.selector,
            h.live.selector,
            h.intrude.selector
        ];
    }

    function _count(ProtocolHandler h) private {
        string[10] memory kinds = [
            "registrations",
            "approvals",
            "rejections",
            "revocations",
            "settlements",
            "cancels",
            "expiries",
            "finals",
            "disputes",
            "resolutions"
        ];
        for (uint256 i = 0; i < 10; ++i) _seen[kinds[i]] += h.entries(i);
        _seen["reveals"] += h.reveals();
        _seen["late proofs"] += h.lateProofs();
        _seen["violations"] += h.violations();
        _seen["rulings upheld"] += h.rulings(1);
        _seen["rulings corrected"] += h.rulings(2);
        _seen["rulings voided"] += h.rulings(3);
        _seen["bonds paid"] += h.bondsPaid();
        _seen["punishments"] += h.punishments();
        _seen["tightenings"] += h.tightenings();
        _seen["loosenings"] += h.loosenings();
        _seen["halts"] += h.halts();
        _seen["removals"] += h.removals();
        _seen["epochs"] += h.epochs();
        _seen["intrusions"] += h.intrusions();
        _seen["repeats"] += h.repeats();
    }

    function _judge() private view {
        _atLeast("registrations", 8);
        _atLeast("approvals", 60);
        _atLeast("rejections", 50);
        _atLeast("revocations", 3);
        _atLeast("settlements", 25);
        _atLeast("cancels", 6);
        _atLeast("expiries", 15);
        _atLeast("finals", 15);
        _atLeast("disputes", 12);
        _atLeast("resolutions", 6);
        _atLeast("reveals", 8);
        _atLeast("late proofs", 1);
        _atLeast("violations", 6);
        _atLeast("rulings upheld", 1);
        _atLeast("rulings corrected", 1);
        _atLeast("rulings voided", 1);
        _atLeast("bonds paid", 2);
        _atLeast("punishments", 1);
        _atLeast("tightenings", 3);
        _atLeast("loosenings", 5);
        _atLeast("halts", 5);
        _atLeast("removals", 4);
        _atLeast("epochs", 5);
        _atLeast("intrusions", 50);
        _atLeast("repeats", 50);
    }

    function _atLeast(string memory what, uint256 wanted) private view {
        if (_seen[what] < wanted) revert TooFew(what, _seen[what], wanted);
    }
}
