// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FundCloseActs} from "./FundCloseActs.sol";
import {FundRule} from "./FundLedger.sol";

/// @title All who act on the fund, and what must hold between their acts.
contract FundHandler is FundCloseActs {
    constructor() {
        usd.setHook(this); // last: there is no code to call before
    }

    /* JUDGING */

    /// @notice F1: the asset's balances are the books and the gifts, and idle cash is enough for what is not at the venue.
    function checkCash() external view {
        checkRule(FundRule.F1);
        if (fund.idleUsdE6() != _idle) revert Broken("idle cash is not what came and went");
        if (fund.pendingDepositsE6() != _pending) revert Broken("pending deposits are not those of the depositors");
        if (usd.balanceOf(address(fund)) != _idle + _pending + _donated) revert Broken("cash is missing, or too much");
        if (bondVault.bondUsdE6() != _bond) revert Broken("the bond is not what was posted and taken");
        uint256 committed = _bond > _releasing ? _bond - _releasing : 0;
        if (bondVault.committedBondUsdE6() != committed) revert Broken("bond on its way out still counts");
        if (usd.balanceOf(address(bondVault)) != _bond + _donatedToBond) revert Broken("the bond's cash is missing");
    }

    /// @notice F2: idle cash and the venue's are the depositors' assets and what is owed to others.
    function checkIdentity() external view {
        checkRule(FundRule.F2);
        if (fund.receivableAtVenueE8() != _atVenueE8) revert Broken("the venue's cash is not sent less returned plus results");
        if (fund.totalAssetsE6() != (_assets > 0 ? uint256(_assets) : 0)) revert Broken("total assets");
        int256 owed = _assets + int256(_paid) - int256(_claimed) + int256(_fees);
        if (int256(_idle) * 100 + _atVenueE8 != owed * 100 + int256(_carryE8)) revert Broken("identity");
        for (uint256 i = 0; i < MANDATES; ++i) {
            if (allocator.allocatedUsdE6(mandateIds[i]) != _allocated[i]) revert Broken("a mandate's allocation");
        }
    }

    /// @notice F4: the prices differ by what no result explains, as long as nobody has looked into it.
    function checkPrices() external view {
        checkRule(FundRule.F4);
        if (fund.unexplainedUsdE6() != _unexplained) revert Broken("unexplained equity is not what closes left");
    }

    /// @notice F5: all requests of an epoch are paid alike, and together no more than the closes owe.
    function checkClaims() external view {
        checkRule(FundRule.F5);
        if (fund.redemptionsOwedE6() != _paid - _claimed) revert Broken("owed is not paid less claimed");
        (uint256 cash, uint256 shares, uint256 waiting) = (0, 0, 0);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            cash += _worthOf(i) - _exits[i].claimed;
            shares += fund.maxMint(_person(i));
            uint256 pending = fund.pendingRedeemRequest(_exits[i].epoch, _person(i));
            waiting += pending;
            for (uint256 j = 0; j < i; ++j) _checkAlike(i, j);
        }
        if (cash > _paid - _claimed) revert Broken("claims exceed what closes owe");
        if (fund.balanceOf(address(fund)) < shares + waiting) revert Broken("shares that are claimable or wait are not there");
    }

    /// @dev What was claimed and what still can be; cash that is short only delays it.
    function _worthOf(uint256 who) private view returns (uint256) {
        uint256 shares = fund.claimableRedeemRequest(_exits[who].epoch, _person(who));
        uint256 now_ = fund.maxWithdraw(_person(who));
        if (shares != 0 && fund.maxRedeem(_person(who)) < shares) now_ = _paid - _claimed < _idle ? _paid - _claimed : _idle;
        return _exits[who].claimed + now_;
    }

    function _checkAlike(uint256 i, uint256 j) private view {
        Exit storage a = _exits[i];
        Exit storage b = _exits[j];
        if (a.shares == 0 || b.shares == 0 || a.epoch != b.epoch || fund.idleUsdE6() < _paid - _claimed) return;
        uint256 left = _worthOf(i) * b.shares;
        uint256 right = _worthOf(j) * a.shares;
        uint256 apart = left > right ? left - right : right - left;
        if (apart >= a.shares + b.shares) revert Broken("two of one epoch are paid differently");
    }

    /// @notice F8: what is shared out comes to the same in the contract's own figures.
    function checkParts() external view {
        checkRule(FundRule.F8);
        if (fund.carryE8() != _carryE8) revert Broken("carry");
        uint256 fees;
        for (uint8 i = 0; i < 3; ++i) fees += fund.feesOwedE6(i);
        if (fees != _fees) revert Broken("fees owed are not fees earned less claimed");
    }

    /// @notice F10: nothing went to the venue beyond what was sent, returned and explained.
    function checkVenue() external view {
        checkRule(FundRule.F10);
        if (_named != (fund.allocator() == address(allocator))) revert Broken("another allocator");
        if (fund.venueDeposit() != VENUE) revert Broken("another venue address");
    }
}

/// @title The fund under any sequence of acts: one promise each.
contract FundInvariantsTest {
    FundHandler private _handler;

    function setUp() external {
        _handler = new FundHandler();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// Broken by: a cancelled deposit stays in the books of its epoch.
    function invariant_F1_cashIsAtLeastWhatTheBooksOwe() external view {
        _handler.checkCash();
    }

    /// Broken by: what the venue returns is not taken off what it holds.
    function invariant_F2_everyUnitBelongsToSomebody() external view {
        _handler.checkIdentity();
    }

    /// Broken by: a claim by shares is rounded for who claims; or a close that nothing explains takes deposits.
    function invariant_F3_noRoundTripGains() external view {
        _handler.checkRule(FundRule.F3);
    }

    /// Broken by: leavers are paid for what no result explains; or unexplained equity is forgotten at the next close.
    function invariant_F4_entryPriceIsNeverBelowExitPrice() external view {
        _handler.checkPrices();
    }

    /// Broken by: a claim leaves what is owed as it was.
    function invariant_F5_oneEpochOnePriceAndClaimsAreCovered() external view {
        _handler.checkClaims();
    }

    /// Broken by: total assets are read from the balance.
    function invariant_F6_giftsMoveNoPrice() external view {
        _handler.checkRule(FundRule.F6);
    }

    /// Broken by: the mark does not follow the price, so a gain is charged again.
    function invariant_F7_feesOnlyAboveAMarkThatNeverFalls() external view {
        _handler.checkRule(FundRule.F7);
    }

    /// Broken by: what is smaller than a unit is forgotten.
    function invariant_F8_theWaterfallConservesEveryUnit() external view {
        _handler.checkParts();
    }

    /// Broken by: the bond bears half of a loss; or bond leaves before its epoch is shared out.
    function invariant_F9_lossesHitTheBondFirst() external view {
        _handler.checkRule(FundRule.F9);
    }

    /// Broken by: the cap on the venue's cash is not looked at.
    function invariant_F10_cashLeavesOnlyUnderCapsToNamedPlaces() external view {
        _handler.checkVenue();
    }

    /// Broken by: a waiting redemption cannot be taken back from a closing fund.
    function invariant_F11_requestsAreNeverStuck() external view {
        _handler.checkRule(FundRule.F11);
    }

    /// Broken by: a close never says that the books disagree.
    function invariant_F12_anUnexplainedDifferenceStopsNewRisk() external view {
        _handler.checkRule(FundRule.F12);
    }
}

/// @title The acts of the campaign really happen: a long history, driven from one number, takes every kind of them.
contract FundActsTest {
    error Never(string acts);
    error Failed(bytes4 act, bytes reason);

    uint256 private constant HISTORIES = 6;
    uint256 private constant ACTS = 200;

    mapping(bytes32 act => uint256) private _taken;

    function test_everyKindOfActSucceeds() external {
        for (uint256 history = 0; history < HISTORIES; ++history) _live(history);
        bytes32[29] memory acts = _acts();
        string memory missing;
        for (uint256 i = 0; i < acts.length; ++i) {
            if (_taken[acts[i]] == 0) missing = string.concat(missing, string(abi.encodePacked(acts[i])));
        }
        if (bytes(missing).length != 0) revert Never(missing);
    }

    function _acts() private pure returns (bytes32[29] memory) {
        return [
            bytes32("deposit"), "cancelDeposit", "claimShares", "requestRedeem", "cancelRedeem", "claimRedeem",
            "redeemInWindDown", "donate", "refused", "send", "rebalance", "giveBack", "postBond", "releaseBond",
            "claimFees", "setFee", "windDown", "expire", "profit", "loss", "close", "fee",
            "loss borne by the bond", "loss beyond the bond", "priced deposits", "unpriced deposits", "served line",
            "reentered", "unexplained is kept"
        ];
    }

    function _live(uint256 history) private {
        FundHandler handler = new FundHandler();
        bytes4[30] memory selectors = [
            handler.requestDeposit.selector, handler.requestDeposit.selector, handler.cancelDeposit.selector,
            handler.claimShares.selector, handler.requestRedeem.selector, handler.cancelRedeem.selector,
            handler.claimRedeem.selector, handler.redeemInWindDown.selector, handler.donate.selector,
            handler.transferShares.selector, handler.steal.selector, handler.nameAllocator.selector,
            handler.sendToVenue.selector, handler.rebalance.selector, handler.changePlace.selector,
            handler.giveBack.selector, handler.setVenueCap.selector, handler.postBond.selector,
            handler.requestRelease.selector, handler.releaseBond.selector, handler.claimFees.selector,
            handler.setFee.selector, handler.trade.selector, handler.close.selector, handler.callBond.selector,
            handler.startWindDown.selector, handler.trade.selector, handler.wait.selector, handler.stopRisk.selector,
            handler.setRedeemCap.selector
        ];
        for (uint256 i = 0; i < ACTS; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(history, i)));
            bytes4 selector = selectors[(seed >> 200) % selectors.length];
            (bool ok, bytes memory answer) = address(handler).call(abi.encodeWithSelector(selector, seed));
            if (!ok) revert Failed(selector, answer);
        }
        bytes32[29] memory acts = _acts();
        for (uint256 i = 0; i < acts.length; ++i) _taken[acts[i]] += handler.taken(acts[i]);
    }
}
