// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {SaksiToken} from "../../contracts/stake/SaksiToken.sol";
import {StakeVault} from "../../contracts/stake/StakeVault.sol";
import {StreamLib} from "../../contracts/stake/StreamLib.sol";
import {vm} from "./invariants/Protocol.sol";

/// @title A dollar that calls its receiver or sender back in the middle of every transfer.
contract CallingUsd is ERC20 {
    address public called;

    constructor() ERC20("Calling USD", "cUSD") {
        _mint(msg.sender, 1e15);
    }

    function call(address account) external {
        called = account;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (called != address(0)) StakeFuzzTest(called).onTransfer();
    }
}

/// @title Arithmetic of stake with any numbers, and a payment that comes back through the door.
contract StakeFuzzTest {
    using StreamLib for StreamLib.Stream;

    error Broken(string rule);

    bytes32 private constant MANDATE = keccak256("mandate");
    address private constant OTHER = address(0xB0);

    SaksiToken private _saksi;
    CallingUsd private _usd;
    StakeVault private _vault;
    StreamLib.Stream private _stream;
    bool private _inside;
    uint256 private _claimedInside;

    function setUp() external {
        _saksi = new SaksiToken(address(this));
        _usd = new CallingUsd();
        _vault = new StakeVault(
            address(this), address(this), address(_saksi), address(_usd), 14 days, 7 days, 7 days, 1 days
        );
        _vault.listMandate(MANDATE);
        _vault.scheduleCourt(address(this));
        _vault.scheduleScorer(address(this));
        _saksi.approve(address(_vault), type(uint256).max);
        _usd.approve(address(_vault), type(uint256).max);
        _saksi.transfer(OTHER, 10_000_000e18);
        vm.prank(OTHER);
        _saksi.approve(address(_vault), type(uint256).max);
    }

    function _signal(address who, uint256 amount) private {
        vm.prank(who);
        _vault.stake(amount);
        vm.prank(who);
        _vault.signal(MANDATE, amount);
    }

    /// @dev However a slash and scores left the worth of a share: in and out again brings nothing and costs others
    /// nothing.
    function testFuzz_inAndOutNeverProfits(uint80 first, uint80 slashed, int16 scoreBps, uint80 second) external {
        uint256 held = 2 + uint256(first) % 1_000_000e18;
        uint256 mine = 2 + uint256(second) % (second % 2 == 0 ? 1_000 : 1_000_000e18);
        _signal(OTHER, held);
        _vault.fundReserve(1_000_000e18);
        // at most 9/10: a ruined mandate takes nobody in
        if (first % 2 == 0) {
            _vault.slash(MANDATE, uint256(slashed) % (held * 9 / 10 + 1), uint64(block.timestamp), OTHER, 0);
        }
        vm.warp(block.timestamp + 2 days);
        _vault.applyScore(MANDATE, 1, 0);
        vm.warp(block.timestamp + 2 days);
        _vault.applyScore(MANDATE, 2, scoreBps);
        vm.warp(block.timestamp + 7 days);
        _vault.compound(MANDATE);
        uint256 before = _vault.signalOf(OTHER, MANDATE);

        _signal(address(this), mine);
        uint256 value = _vault.signalOf(address(this), MANDATE);
        if (value > mine) revert Broken("worth more than paid");
        if (_vault.signalOf(OTHER, MANDATE) != before) revert Broken("moved another's stake by entering");
        if (value == 0) return;
        _vault.requestUnstake(MANDATE, value);
        vm.warp(block.timestamp + 14 days);
        uint256 balance = _saksi.balanceOf(address(this));
        _vault.withdrawUnstaked(MANDATE);
        if (_saksi.balanceOf(address(this)) - balance > mine) revert Broken("profit");
        if (_vault.signalOf(OTHER, MANDATE) < before) revert Broken("cost another's stake by leaving");
    }

    function testFuzz_aSlashTakesFromEveryoneInProportion(uint80 a, uint80 b, uint128 slashed) external {
        uint256 mine = 1e9 + uint256(a) % 1_000_000e18;
        uint256 others = 1e9 + uint256(b) % 1_000_000e18;
        _signal(address(this), mine);
        _signal(OTHER, others);
        vm.prank(OTHER);
        _vault.requestUnstake(MANDATE, others);
        (, uint256 taken) = _vault.slash(MANDATE, slashed, uint64(block.timestamp), OTHER, 0);
        uint256 whole = mine + others;
        if (taken != (slashed < whole ? slashed : whole)) revert Broken("took another amount");
        uint256 left = _vault.signalOf(address(this), MANDATE) * whole;
        uint256 fair = (whole - taken) * mine;
        if (left > fair || fair - left > 2 * whole) revert Broken("not in proportion");
        uint256 leaving = _vault.leavingOf(OTHER, MANDATE).amountSaksi * whole;
        fair = (whole - taken) * others;
        if (leaving > fair || fair - leaving > 2 * whole) revert Broken("leaving stake not in proportion");
    }

    function testFuzz_aStreamReleasesWhatWasAddedAndNoMore(uint96[6] calldata amounts, uint24[6] calldata pauses) external {
        uint256 added;
        uint256 released;
        for (uint256 i = 0; i < 6; ++i) {
            released += _stream.release();
            if (amounts[i] != 0) _stream.add(amounts[i], 7 days);
            added += amounts[i];
            if (_stream.endsAt > block.timestamp + 7 days) revert Broken("longer than its period");
            vm.warp(block.timestamp + pauses[i]);
        }
        if (released + _stream.amount != added) revert Broken("lost or made");
        vm.warp(block.timestamp + 7 days);
        released += _stream.release();
        if (released != added || _stream.amount != 0) revert Broken("not all released");
    }

    /* A PAYMENT THAT COMES BACK */

    function onTransfer() external {
        if (_inside) return;
        _inside = true;
        try _vault.claimFees(MANDATE) returns (uint256 amount) {
            _claimedInside += amount;
        } catch {}
        _inside = false;
    }

    function test_aPaymentThatComesBackIsPaidOnce() external {
        _signal(address(this), 1e18);
        _usd.call(address(this));
        _vault.notifyFees(MANDATE, 1e9);
        if (_claimedInside != 0) revert Broken("paid out what had not come in");
        vm.warp(block.timestamp + 7 days);
        uint256 due = _vault.claimableFeesUsdE6(address(this), MANDATE);
        uint256 paid = _vault.claimFees(MANDATE);
        if (paid != due || _claimedInside != 0) revert Broken("paid twice");
        if (_usd.balanceOf(address(_vault)) != 1e9 - paid) revert Broken("balance");
    }
}
