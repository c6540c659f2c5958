// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LeavingStake, MandateStake} from "../../../contracts/interfaces/IStakeVault.sol";
import {MockUsd} from "../../../contracts/mocks/MockUsd.sol";
import {SaksiToken} from "../../../contracts/stake/SaksiToken.sol";
import {StakeVault} from "../../../contracts/stake/StakeVault.sol";
import {vm} from "./Protocol.sol";

uint256 constant ACTORS = 4;
uint256 constant MANDATES = 2;
uint256 constant SAMPLES = 8;

/// @title Everyone who acts on a stake vault, in any order, with any amounts; and what must be remembered to judge it.
contract StakeHandler {
    error Broken(string rule);

    struct Sample {
        uint256 at;
        uint256[ACTORS] votes;
        uint256[MANDATES] stakes;
        uint256 staked;
    }

    SaksiToken public immutable saksi;
    MockUsd public immutable usd;
    StakeVault public immutable vault;
    bytes32[MANDATES + 1] public mandates = [bytes32(0), keccak256("one"), keccak256("two")];

    uint256 public paidIn;
    uint256 public paidOut;
    uint256 public burned;
    uint256 public donated;
    uint256 public feesIn;
    uint256 public feesOut;
    uint256 public feesDonated;
    uint256 public acts;
    /// @notice How often each kind of act succeeded, by its name.
    mapping(bytes32 act => uint256) public taken;
    /// @dev A revert of an act is ordinary; what must never succeed is written here.
    string public broken;
    Sample[SAMPLES] private _samples;
    uint256 private _sampleCount;
    mapping(uint256 actor => mapping(uint256 pool => uint256)) private _requestedAt;
    uint32 private _epoch;

    constructor() {
        saksi = new SaksiToken(address(this));
        usd = new MockUsd();
        vault = new StakeVault(
            address(this), address(this), address(saksi), address(usd), 14 days, 7 days, 7 days, 1 days
        );
        vault.listMandate(mandates[1]);
        vault.listMandate(mandates[2]);
        vault.scheduleCourt(address(this));
        vault.scheduleScorer(address(this));
        saksi.approve(address(vault), type(uint256).max);
        usd.approve(address(vault), type(uint256).max);
        for (uint256 i = 0; i < ACTORS; ++i) {
            saksi.transfer(actor(i), 1_000_000e18);
            vm.prank(actor(i));
            saksi.approve(address(vault), type(uint256).max);
        }
    }

    function actor(uint256 i) public pure returns (address) {
        return address(uint160(0xA0 + i % ACTORS));
    }

    function _as(uint256 who) private returns (StakeVault) {
        ++acts;
        vm.prank(actor(who));
        return vault;
    }

    function _part(uint256 amount, uint256 whole) private pure returns (uint256) {
        return whole == 0 ? 0 : 1 + amount % whole;
    }

    /* STAKERS */

    function stake(uint256 who, uint256 amount) external {
        amount = _part(amount, saksi.balanceOf(actor(who)));
        _as(who).stake(amount);
        paidIn += amount;
        ++taken["stake"];
    }

    function signal(uint256 who, uint256 mandate, uint256 amount) external {
        amount = _part(amount, vault.signalOf(actor(who), 0));
        _as(who).signal(mandates[1 + mandate % MANDATES], amount);
        ++taken["signal"];
    }

    function moveSignal(uint256 who, uint256 from, uint256 to, uint256 amount) external {
        uint256 pool = 1 + from % MANDATES;
        amount = _part(amount, vault.signalOf(actor(who), mandates[pool]));
        _as(who).moveSignal(mandates[pool], mandates[to % (MANDATES + 1)], amount);
        _requestedAt[who % ACTORS][pool] = block.timestamp;
    }

    function requestUnstake(uint256 who, uint256 from, uint256 amount) external {
        uint256 pool = from % (MANDATES + 1);
        amount = _part(amount, vault.signalOf(actor(who), mandates[pool]));
        _as(who).requestUnstake(mandates[pool], amount);
        _requestedAt[who % ACTORS][pool] = block.timestamp;
    }

    function cancelUnstake(uint256 who, uint256 from) external {
        _as(who).cancelUnstake(mandates[from % (MANDATES + 1)]);
    }

    function finishMove(uint256 who, uint256 from) external {
        uint256 pool = from % (MANDATES + 1);
        _as(who).finishMove(mandates[pool]);
        if (block.timestamp < _requestedAt[who % ACTORS][pool] + 14 days) broken = "moved too early";
        ++taken["finishMove"];
    }

    function withdrawUnstaked(uint256 who, uint256 from) external {
        uint256 pool = from % (MANDATES + 1);
        uint256 before = saksi.balanceOf(actor(who));
        _as(who).withdrawUnstaked(mandates[pool]);
        paidOut += saksi.balanceOf(actor(who)) - before;
        if (block.timestamp < _requestedAt[who % ACTORS][pool] + 14 days) broken = "out too early";
        ++taken["withdrawUnstaked"];
    }

    function delegate(uint256 who, uint256 to) external {
        _as(who).delegate(actor(to));
    }

    function claimFees(uint256 who, uint256 mandate) external {
        feesOut += _as(who).claimFees(mandates[1 + mandate % MANDATES]);
        ++taken["claimFees"];
    }

    /* OTHERS */

    function slash(uint256 mandate, uint256 amount, uint256 sample) external {
        if (_sampleCount == 0) return;
        Sample storage then = _samples[sample % (_sampleCount < SAMPLES ? _sampleCount : SAMPLES)];
        mandate %= MANDATES;
        amount = _part(amount, then.stakes[mandate] * 2);
        (, uint256 slashed) =
            vault.slash(mandates[1 + mandate], amount, uint64(then.at), actor(amount), bytes32("why"));
        ++acts;
        if (slashed > amount || slashed > then.stakes[mandate]) broken = "slashed more than was there";
        else then.stakes[mandate] -= slashed; // nothing twice
        if (slashed != 0) ++taken["slash"];
    }

    function releaseSlash(uint256 id) external {
        id = _part(id, vault.slashCount());
        vault.releaseSlash(id);
        paidOut += vault.slashRecord(id).amountSaksi;
        ++taken["releaseSlash"];
    }

    function cancelSlash(uint256 id) external {
        vault.cancelSlash(_part(id, vault.slashCount()));
        ++taken["cancelSlash"];
    }

    function applyScore(uint256 mandate, int16 scoreBps) external {
        uint256 supply = saksi.totalSupply();
        vault.applyScore(mandates[1 + mandate % MANDATES], ++_epoch, scoreBps);
        burned += supply - saksi.totalSupply();
        ++acts;
        ++taken[supply == saksi.totalSupply() ? bytes32("rewarded") : bytes32("burned")];
    }

    function fundReserve(uint256 amount) external {
        amount = _part(amount, 1_000_000e18);
        vault.fundReserve(amount);
        paidIn += amount;
    }

    function notifyFees(uint256 mandate, uint256 amount) external {
        amount = _part(amount, 1e12);
        usd.mint(address(this), amount);
        vault.notifyFees(mandates[1 + mandate % MANDATES], amount);
        feesIn += amount;
        ++acts;
    }

    function donate(uint256 who, uint256 amount) external {
        amount = _part(amount, saksi.balanceOf(actor(who)) / 100);
        vm.prank(actor(who));
        saksi.transfer(address(vault), amount);
        donated += amount;
        usd.mint(address(vault), amount % 1e12);
        feesDonated += amount % 1e12;
    }

    function transfer(uint256 from, uint256 to, uint256 amount) external {
        amount = _part(amount, saksi.balanceOf(actor(from)));
        vm.prank(actor(from));
        saksi.transfer(actor(to), amount);
    }

    /// @dev Time goes on; what was true in the second that ends is remembered.
    function wait(uint256 time) external {
        Sample storage sample = _samples[_sampleCount++ % SAMPLES];
        sample.at = block.timestamp;
        sample.staked = 0;
        for (uint256 i = 0; i < ACTORS; ++i) {
            sample.votes[i] = vault.getVotes(actor(i));
            sample.staked += vault.stakedOf(actor(i));
        }
        for (uint256 i = 0; i < MANDATES; ++i) {
            sample.stakes[i] = vault.mandateStake(mandates[1 + i]).stakeSaksi;
        }
        vm.warp(block.timestamp + 1 + time % 10 days);
    }

    /* JUDGING */

    function checkPast() external view {
        for (uint256 s = 0; s < SAMPLES && s < _sampleCount; ++s) {
            Sample storage sample = _samples[s];
            if (sample.at == block.timestamp) continue;
            for (uint256 i = 0; i < ACTORS; ++i) {
                if (vault.getPastVotes(actor(i), sample.at) != sample.votes[i]) revert Broken("a past vote changed");
            }
            uint256 total = vault.getPastTotalSupply(sample.at);
            if (total < sample.staked || total > sample.staked + _slack()) revert Broken("total is not the stake");
        }
    }

    /// @dev Rounding leaves at most one unit for each holder of each pool.
    function _slack() private pure returns (uint256) {
        return ACTORS * (MANDATES + 1);
    }

    function checkVotes() external view {
        uint256[ACTORS] memory staked;
        for (uint256 i = 0; i < ACTORS; ++i) {
            address to = vault.delegates(actor(i));
            if (to != address(0)) staked[uint160(to) - 0xA0] += vault.stakedOf(actor(i));
        }
        for (uint256 i = 0; i < ACTORS; ++i) {
            uint256 votes = vault.getVotes(actor(i));
            if (votes < staked[i] || votes > staked[i] + _slack()) revert Broken("votes are not the stake");
        }
    }

    function checkBooks() external view {
        if (bytes(broken).length != 0) revert Broken(broken);
        (uint256 stakes, uint256 rewards, uint256 reserve, uint256 escrow) = vault.accounts();
        if (stakes + rewards + reserve + escrow != paidIn - paidOut - burned) revert Broken("conservation");
        if (saksi.balanceOf(address(vault)) != paidIn - paidOut - burned + donated) revert Broken("balance");
        if (usd.balanceOf(address(vault)) != feesIn - feesOut + feesDonated) revert Broken("fee balance");
    }

    function checkSolvency() external view {
        uint256 fees;
        for (uint256 m = 0; m <= MANDATES; ++m) {
            MandateStake memory pool = vault.mandateStake(mandates[m]);
            uint256 owed;
            uint256 signalled;
            for (uint256 i = 0; i < ACTORS; ++i) {
                signalled += vault.signalOf(actor(i), mandates[m]);
                LeavingStake memory leaving = vault.leavingOf(actor(i), mandates[m]);
                owed += leaving.amountSaksi;
                if (m != 0) fees += vault.claimableFeesUsdE6(actor(i), mandates[m]);
            }
            owed += signalled;
            if (owed > pool.stakeSaksi) revert Broken("a mandate owes more than it has");
            // every act leaves less than one share's worth behind, and a share is never worth two units for long
            if (pool.stakeSaksi > owed + 16 * (acts + ACTORS)) revert Broken("dust outgrew rounding");
            if (signalled > pool.signalSaksi) revert Broken("signal is less than its parts");
        }
        if (fees > feesIn - feesOut) revert Broken("fees owed exceed fees held");
    }
}

/// @title The stake vault under any sequence of acts.
/// @dev What a slash may take and when stake may be out is judged by the handler as it acts.
contract StakeInvariantsTest {
    StakeHandler private _handler;

    function setUp() external {
        _handler = new StakeHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// Broken by: stake that is leaving is paid as if no slash had reached it.
    function invariant_S1_everyUnitIsInOneAccountAndLeavingStakeAnswers() external view {
        _handler.checkBooks();
        _handler.checkSolvency();
    }

    /// Broken by: a slash leaves the votes of those it hit as they were.
    function invariant_S2_votesAreTheStakeOfTheirSecond() external view {
        _handler.checkVotes();
        _handler.checkPast();
    }
}

/// @title The acts of the campaign really happen: long histories take every kind of them.
contract StakeActsTest {
    error TooFew(bytes32 act, uint256 times);

    uint256 private constant ACTS = 3000;

    function test_everyKindOfActSucceeds() external {
        StakeHandler handler = new StakeHandler();
        for (uint256 i = 0; i < ACTS; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            bytes memory call = _act(handler, seed % 17, seed >> 8);
            (bool ok,) = address(handler).call(call);
            ok; // a refused act is ordinary; what succeeds is counted
        }
        bytes32[10] memory acts = [
            bytes32("stake"), "signal", "finishMove", "withdrawUnstaked", "claimFees", "slash", "releaseSlash",
            "cancelSlash", "rewarded", "burned"
        ];
        for (uint256 i = 0; i < acts.length; ++i) {
            if (handler.taken(acts[i]) < 3) revert TooFew(acts[i], handler.taken(acts[i]));
        }
        handler.checkBooks();
        handler.checkSolvency();
        handler.checkVotes();
    }

    function _act(StakeHandler h, uint256 kind, uint256 s) private pure returns (bytes memory) {
        (uint256 t, uint256 u) = (s >> 64, s >> 128);
        if (kind == 0) return abi.encodeCall(h.stake, (s, t));
        if (kind == 1 || kind == 2) return abi.encodeCall(h.signal, (s, t, u));
        if (kind == 3) return abi.encodeCall(h.moveSignal, (s, t, u, s));
        if (kind == 4) return abi.encodeCall(h.requestUnstake, (s, t, u));
        if (kind == 5) return abi.encodeCall(h.cancelUnstake, (s, t));
        if (kind == 6) return abi.encodeCall(h.finishMove, (s, t));
        if (kind == 7) return abi.encodeCall(h.withdrawUnstaked, (s, t));
        if (kind == 8) return abi.encodeCall(h.delegate, (s, t));
        if (kind == 9) return abi.encodeCall(h.claimFees, (s, t));
        if (kind == 10) return abi.encodeCall(h.slash, (s, t % 1e18, u));
        if (kind == 11) return abi.encodeCall(h.releaseSlash, (s));
        if (kind == 12) return s % 2 == 0 ? abi.encodeCall(h.cancelSlash, (t)) : abi.encodeCall(h.donate, (s, t));
        if (kind == 13) return abi.encodeCall(h.applyScore, (s, int16(uint16(t))));
        if (kind == 14) return abi.encodeCall(h.fundReserve, (s));
        if (kind == 15) return abi.encodeCall(h.notifyFees, (s, t));
        return abi.encodeCall(h.wait, (s));
    }
}
