// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAllocator} from "../../../contracts/interfaces/IAllocator.sol";
import {IBondVault} from "../../../contracts/interfaces/IBondVault.sol";
import {FundActs} from "./FundActs.sol";
import {FundRule} from "./FundLedger.sol";
import {vm} from "./Protocol.sol";

/// @title Executor, allocator, operator and owner: honest, and reaching for more than they may have.
abstract contract FundCashActs is FundActs {
    bool internal _named;
    uint256 private _releasableAt;
    uint256 private _releasingFrom;
    mapping(uint256 account => uint256) internal _feesOf;

    constructor() {
        saksi.approve(address(stakeVault), type(uint256).max);
        stakeVault.stake(5_000_000e18);
        for (uint256 i = 0; i < MANDATES; ++i) {
            stakeVault.signal(mandateIds[i], (2 - i) * 1_000_000e18);
            _schedule(i, 40_000e6, 6_000);
        }
        vm.prank(_venueOf(1));
        usd.approve(address(fund), type(uint256).max);
        usd.mint(_venueOf(1), 1_000_000e6);
    }

    function _venueOf(uint256 mandate) internal pure returns (address) {
        return mandate == 0 ? VENUE : address(0xB1);
    }

    function _schedule(uint256 mandate, uint256 cap, uint256 capBps) private {
        allocator.schedulePlace(mandateIds[mandate], _venueOf(mandate), uint64(cap), uint16(capBps));
        _places[mandate] = Place(_venueOf(mandate), block.timestamp + PLACE_DELAY, cap, capBps, false);
    }

    /* VENUE */

    function nameAllocator(uint256 seed) external {
        if (seed % 3 != 0) return;
        bool ok = _try(address(this), address(fund), abi.encodeCall(fund.setAllocator, (address(allocator))), address(0));
        _require(ok != _named, FundRule.F10, "the allocator was replaced");
        _named = true;
    }

    function sendToVenue(uint256 seed) external {
        uint256 amount = 1 + (seed >> 8) % 60_000e6;
        bytes memory data = abi.encodeCall(fund.sendToVenue, (amount));
        if (_named || _ending) return _refused(FundRule.F10, "the executor went past the allocator", EXECUTOR, address(fund), data);
        if (seed % 7 == 0) return _refused(FundRule.F10, "a stranger sent cash", STRANGER, address(fund), data);
        uint256 kept = _paid - _claimed;
        bool ok = _try(EXECUTOR, address(fund), data, VENUE);
        if (!ok) return;
        _require(amount + kept <= _idle, FundRule.F1, "cash that leavers wait for went to the venue");
        _sentToVenue(amount);
    }

    /// @dev By anyone: each mandate up to its target, in turn.
    function rebalance(uint256 seed) external {
        uint256 mandate = seed % MANDATES;
        Place storage place = _places[mandate];
        uint256 before = usd.balanceOf(place.account);
        uint256 target = _target(mandate);
        bytes memory data = abi.encodeCall(IAllocator.rebalanceMandate, (mandateIds[mandate]));
        bool ok = _try(STRANGER, address(allocator), data, place.account);
        if (!ok) return;
        uint256 sent = usd.balanceOf(place.account) - before;
        _require(_named && !place.removed && block.timestamp >= place.usableAt, FundRule.F10, "cash went to a place that is not named");
        _allocated[mandate] += sent;
        _require(_allocated[mandate] <= target, FundRule.F10, "a mandate has more than its target");
        _draw(sent);
        _sentToVenue(sent);
        _count("rebalance");
    }

    /// @dev The fund's assets in proportion to the signals, under both caps.
    function _target(uint256 mandate) private view returns (uint256 target) {
        Place storage place = _places[mandate];
        uint256 assets = _assets > 0 ? uint256(_assets) : 0;
        target = assets * (2 - mandate) / 3;
        if (target > place.cap) target = place.cap;
        uint256 relative = assets * place.capBps / 1e4;
        if (target > relative) target = relative;
    }

    function changePlace(uint256 seed) external {
        uint256 mandate = seed % MANDATES;
        Place storage place = _places[mandate];
        bytes32 id = mandateIds[mandate];
        uint256 kind = (seed >> 8) % 8;
        if (kind < 4) _schedule(mandate, (seed >> 16) % 60_000e6, (seed >> 32) % 10_001);
        bytes memory lower = abi.encodeCall(IAllocator.lowerCaps, (id, uint64(place.cap / 2), uint16(place.capBps / 2)));
        bytes memory raise = abi.encodeCall(IAllocator.lowerCaps, (id, uint64(place.cap + 1), uint16(place.capBps)));
        bytes memory place_ = abi.encodeCall(IAllocator.schedulePlace, (id, STRANGER, type(uint64).max, 10_000));
        if (kind == 4) _refused(FundRule.F10, "the guardian raised a cap", GUARDIAN, address(allocator), raise);
        if (kind == 5) _refused(FundRule.F10, "the guardian named a place", GUARDIAN, address(allocator), place_);
        if (kind == 6 && _try(GUARDIAN, address(allocator), lower, address(0))) {
            (place.cap, place.capBps) = (place.cap / 2, place.capBps / 2);
        }
        if (kind == 7 && seed % 5 == 0) {
            vm.prank(GUARDIAN);
            allocator.removePlace(id);
            place.removed = true;
        }
    }

    function giveBack(uint256 seed) external {
        uint256 mandate = _named ? seed % MANDATES : 0;
        address from = _venueOf(mandate);
        uint256 most = _atVenueE8 > 0 ? uint256(_atVenueE8) / 100 : 0;
        uint256 amount = 1 + (seed >> 8) % (most + 1_000e6);
        (address to, bytes memory data) = (address(fund), abi.encodeCall(fund.recordReturn, (amount)));
        if (_named) (to, data) = (address(allocator), abi.encodeCall(IAllocator.recordReturn, (mandateIds[mandate], amount)));
        uint256 before = usd.balanceOf(address(fund));
        if (seed % 7 == 0) return _refused(FundRule.F2, "a stranger returned nothing", STRANGER, to, data);
        bool ok = _try(from, to, data, address(0));
        _require(ok && usd.balanceOf(address(fund)) == before + amount, FundRule.F1, "a return was refused, or came without cash");
        if (_named) _allocated[mandate] = _allocated[mandate] > amount ? _allocated[mandate] - amount : 0;
        _atVenueE8 -= int256(amount * 100);
        _idle += amount;
        _returned[_booking()] += amount;
        _count("giveBack");
    }

    function setVenueCap(uint256 seed) external {
        fund.setVenueCapUsdE6(40_000e6 + (seed >> 8) % 100_000e6);
    }

    /* BOND */

    function postBond(uint256 seed) external {
        uint256 amount = 1 + (seed >> 8) % 5_000e6;
        if (_try(OPERATOR, address(bondVault), abi.encodeCall(IBondVault.postBond, (amount)), address(0))) {
            _bond += amount;
            _count("postBond");
        }
    }

    function requestRelease(uint256 seed) external {
        uint256 amount = (seed >> 8) % (_bond + 2);
        bool ok = _try(OPERATOR, address(bondVault), abi.encodeCall(IBondVault.requestRelease, (amount)), address(0));
        if (ok) (_releasing, _releasableAt, _releasingFrom) = (amount, block.timestamp + RELEASE_DELAY, _booking());
    }

    function releaseBond(uint256 seed) external {
        if (seed % 2 == 0) vm.warp(block.timestamp + RELEASE_DELAY);
        uint256 before = usd.balanceOf(OPERATOR);
        if (!_try(OPERATOR, address(bondVault), abi.encodeCall(IBondVault.releaseBond, ()), address(0))) return;
        uint256 got = usd.balanceOf(OPERATOR) - before;
        _require(got <= _releasing && block.timestamp >= _releasableAt, FundRule.F9, "the bond left too early or too much of it");
        _require(_ending || _epoch > _releasingFrom, FundRule.F9, "the bond left before its epoch was shared out");
        _bond -= got;
        _releasing = 0;
        _require(_bond >= fund.neededBondUsdE6(), FundRule.F9, "a release left less than the venue's cash needs");
        _count("releaseBond");
    }

    /* FEES AND TERMS */

    function claimFees(uint256 seed) external {
        uint8 account = uint8(seed % 3);
        uint256 amount = _part(seed >> 4, _feesOf[account]);
        address[3] memory to = [OPERATOR, address(forwarder), TREASURY];
        uint256 kept = _paid - _claimed;
        if (!_try(STRANGER, address(fund), abi.encodeCall(fund.claimFees, (account, amount)), to[account])) return;
        _require(amount + kept <= _idle, FundRule.F1, "cash that leavers wait for went to fees");
        (_idle, _fees) = (_idle - amount, _fees - amount);
        _feesOf[account] -= amount;
        _count("claimFees");
    }

    function setFee(uint256 seed) external {
        uint256 bps = (seed >> 8) % 5_100;
        bytes memory data = abi.encodeCall(fund.setPerformanceFeeBps, (bps));
        if (seed % 5 == 0) return _refused(FundRule.F7, "a stranger set the fee", STRANGER, address(fund), data);
        bool ok = _try(address(this), address(fund), data, address(0));
        _require(ok == (bps <= 5_000), FundRule.F7, "a fee above its cap");
        if (!ok) return;
        // what was announced and has not begun is replaced
        for (uint256 e = _epoch + 1; e <= _booking() + 1; ++e) _feeBps[e] = 0;
        _feeBps[_booking() + 1] = bps + 1;
        _count("setFee");
    }

    function setRedeemCap(uint256 seed) external {
        _redeemCapBps = 100 + (seed >> 8) % 9_901;
        fund.setRedeemCapBps(_redeemCapBps);
    }

    uint256 internal _redeemCapBps = 5_000;

    /* THE END */

    function startWindDown(uint256 seed) external {
        // rare, so that most histories live on
        bool byOwner = seed % 8 == 0 && _epoch > 2;
        bool silent = block.timestamp >= _snapshotAt + SILENCE;
        address from = byOwner ? address(this) : STRANGER;
        bool ok = _try(from, address(fund), abi.encodeCall(fund.startWindDown, ()), address(0));
        _require(ok == (!_ending && (byOwner || silent)), FundRule.F11, "a wind-down began too early, twice, or not at all");
        if (!ok) return;
        (_ending, _tripped) = (true, true);
        _require(policy.halted(), FundRule.F12, "a closing fund takes risk");
        _count("windDown");
    }

    function callBond(uint256 seed) external {
        if (_ending && seed % 3 == 0 && block.timestamp < _snapshotAt + SILENCE) vm.warp(_snapshotAt + SILENCE);
        uint256 due = _atVenueE8 > 0 ? uint256(_atVenueE8) / 100 : 0;
        uint256 before = usd.balanceOf(address(bondVault));
        bool ok = _try(STRANGER, address(fund), abi.encodeCall(fund.callBond, ()), address(0));
        bool silent = block.timestamp >= _snapshotAt + SILENCE;
        _require(ok == (_ending && silent), FundRule.F9, "the bond was called too early, or not when it was due");
        if (!ok) return;
        uint256 paid = before - usd.balanceOf(address(bondVault));
        _require(paid == (due < _bond ? due : _bond), FundRule.F9, "the bond paid another amount than what did not come back");
        (_bond, _idle) = (_bond - paid, _idle + paid);
        _atVenueE8 -= int256(paid * 100);
        _count("callBond");
    }

    function wait(uint256 seed) external {
        vm.warp(block.timestamp + 1 + (seed >> 8) % (seed % 6 == 0 ? 3 days : 3 hours));
    }

    /// @dev What must go on while new risk is stopped goes on; only entering and unexplained equity wait for a reset.
    function stopRisk(uint256 seed) external {
        if (seed % 3 == 0) {
            policy.resetBreaker();
            _tripped = false;
            return;
        }
        vm.prank(GUARDIAN);
        policy.tripBreaker(1);
        _tripped = true;
    }
}
