// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBondVault} from "../../../contracts/interfaces/IBondVault.sol";
import {IFundVault} from "../../../contracts/interfaces/IFundVault.sol";
import {FundLedger, FundRule} from "./FundLedger.sol";
import {vm} from "./Protocol.sol";

/// @title Depositors, their operators, and the giver of unasked gifts.
abstract contract FundActs is FundLedger {
    uint256 internal constant PURSE = 400_000e6;

    constructor() {
        _snapshotAt = block.timestamp + EPOCH_SECONDS;
        _bucketAt = block.timestamp;
        _feeBps[1] = 2_000 + 1;
        _bond = OPERATOR_BOND_E6;
        for (uint256 i = 0; i < PEOPLE; ++i) {
            usd.mint(_person(i), PURSE);
            vm.prank(_person(i));
            usd.approve(address(fund), type(uint256).max);
            vm.prank(_person(i));
            fund.setOperator(_person(i + 1), true);
            vm.prank(_person(i));
            fund.approve(_person(i + 1), type(uint256).max);
        }
        vm.prank(_person(0));
        fund.seedUsdE6(60_000e6);
        (_assets, _idle) = (60_000e6, 60_000e6);
        usd.mint(VENUE, 10_000_000e6);
        vm.prank(VENUE);
        usd.approve(address(fund), type(uint256).max);
        usd.mint(OPERATOR, 1_000_000e6);
    }

    function _part(uint256 seed, uint256 whole) internal pure returns (uint256) {
        if (seed % 5 == 0) return whole;
        return whole == 0 ? 0 : 1 + (seed >> 16) % whole;
    }

    /* IN */

    /// @dev By the person or by the operator, whose money it then is.
    function requestDeposit(uint256 seed) external {
        uint256 who = seed % PEOPLE;
        address from = seed % 2 == 0 ? _person(who) : _person(who + 1);
        uint256 amount = 1e6 + (seed >> 8) % 30_000e6;
        uint256 before = usd.balanceOf(address(fund));
        bytes memory data = abi.encodeCall(fund.requestDeposit, (amount, _person(who), from));
        bool ok = _try(from, address(fund), data, address(0));
        Entry storage entry = _entries[who];
        bool allowed =
            !_ending && (entry.assets == 0 || entry.epoch == _booking()) && usd.balanceOf(from) + (ok ? amount : 0) >= amount;
        _require(ok == allowed, FundRule.F11, "a deposit was taken or refused against the rules");
        if (!ok) return;
        _require(usd.balanceOf(address(fund)) == before + amount, FundRule.F1, "a deposit came without its cash");
        (entry.epoch, entry.assets) = (_booking(), entry.assets + amount);
        _deposits[_booking()] += amount;
        _pending += amount;
        _count("deposit");
    }

    /// @dev A request can be taken back until its epoch's snapshot, and ever after if it got no price.
    function cancelDeposit(uint256 seed) external {
        uint256 who = seed % PEOPLE;
        Entry storage entry = _entries[who];
        Price storage price = _prices[entry.epoch];
        bool may = entry.assets != 0
            && (price.closed ? !price.entered : _ending || entry.epoch == _booking());
        uint256 before = usd.balanceOf(_person(who));
        bytes memory data = abi.encodeCall(fund.cancelDepositRequest, ());
        bool ok = _tryTwice(_person(who), address(fund), data, _person(who));
        _require(ok == may, FundRule.F11, "a deposit was stuck, or left after its price was fixed");
        if (!ok) return;
        uint256 got = usd.balanceOf(_person(who)) - before;
        _require(got == entry.assets, FundRule.F1, "a cancelled deposit paid another amount");
        _pending -= got;
        if (!price.closed) _deposits[entry.epoch] -= entry.assets;
        delete _entries[who];
        _count("cancelDeposit");
    }

    /// @dev By assets or by shares, in parts, by the person or the operator.
    function claimShares(uint256 seed) external {
        uint256 who = seed % PEOPLE;
        Entry storage entry = _entries[who];
        Price storage price = _prices[entry.epoch];
        bytes memory data;
        if (seed % 3 == 0) {
            uint256 assets = _part(seed, entry.assets);
            data = abi.encodeWithSignature("deposit(uint256,address,address)", assets, _person(who), _person(who));
        } else if (seed % 3 == 1) {
            uint256 shares = _part(seed, fund.maxMint(_person(who)));
            data = abi.encodeWithSignature("mint(uint256,address,address)", shares, _person(who), _person(who));
        } else {
            data = abi.encodeCall(fund.claimShares, ());
        }
        address from = seed % 3 != 2 && seed % 2 == 0 ? _person(who + 1) : _person(who);
        uint256 before = fund.balanceOf(_person(who));
        bool ok = _try(from, address(fund), data, address(0));
        bool claimable = entry.assets != 0 && price.closed && price.entered;
        _require(!ok || claimable, FundRule.F5, "shares were claimed without a price");
        _require(ok || !claimable || seed % 3 == 1, FundRule.F11, "a claim of shares was refused");
        if (!ok) return;
        uint256 used = entry.assets - fund.maxDeposit(_person(who));
        uint256 got = fund.balanceOf(_person(who)) - before;
        (uint256 paid, uint256 worth) = (used * price.shares, got * price.assets);
        _require(worth <= paid, FundRule.F3, "an entry was rounded for who enters");
        uint256 step = price.shares > price.assets ? price.shares : price.assets;
        _require(worth + step > paid, FundRule.F5, "an entry at another price than its epoch's");
        entry.assets -= used;
        _count("claimShares");
    }

    /* OUT */

    /// @dev By the owner of the shares, or by who may spend them and then controls the request.
    function requestRedeem(uint256 seed) external {
        uint256 owner = seed % PEOPLE;
        uint256 who = seed % 4 == 0 ? (owner + 1) % PEOPLE : owner;
        uint256 held = fund.balanceOf(_person(owner));
        uint256 shares = _part(seed, held);
        bytes memory data = abi.encodeCall(fund.requestRedeem, (shares, _person(who), _person(owner)));
        bool ok = _try(_person(who), address(fund), data, address(0));
        Exit storage exit = _exits[who];
        bool allowed = !_ending && shares != 0 && (exit.shares == 0 || exit.epoch == _booking());
        _require(ok == allowed, FundRule.F11, "a redemption was taken or refused against the rules");
        if (!ok) return;
        _require(fund.balanceOf(_person(owner)) == held - shares, FundRule.F5, "shares were not taken for a redemption");
        (exit.epoch, exit.shares) = (_booking(), exit.shares + shares);
        _count("requestRedeem");
    }

    function cancelRedeem(uint256 seed) external {
        uint256 who = seed % PEOPLE;
        Exit storage exit = _exits[who];
        bool closed = _prices[exit.epoch].closed;
        uint256 waits = exit.shares == 0 || exit.takenBack ? 0 : fund.pendingRedeemRequest(exit.epoch, _person(who));
        // of a stretch that was served in part less than a share may wait
        bool may = exit.shares != 0 && !exit.takenBack && (closed ? _ending && waits > 1 : _ending || exit.epoch == _booking());
        uint256 before = fund.balanceOf(_person(who));
        bool ok = _try(_person(who), address(fund), abi.encodeCall(fund.cancelRedeemRequest, ()), address(0));
        _require(ok || !may, FundRule.F11, "a waiting redemption was stuck");
        _require(!ok || may || (closed && _ending && waits == 1), FundRule.F11, "a redemption left the line after the cut-off");
        if (!ok) return;
        uint256 back = fund.balanceOf(_person(who)) - before;
        _require(back <= (closed ? waits : exit.shares), FundRule.F5, "more shares came back than waited");
        exit.takenBack = true;
        if (fund.claimableRedeemRequest(exit.epoch, _person(who)) == 0) delete _exits[who];
        _count("cancelRedeem");
    }

    /// @dev By shares or by assets, in parts, twice within one payment.
    function claimRedeem(uint256 seed) external {
        uint256 who = seed % PEOPLE;
        Exit storage exit = _exits[who];
        address controller = _person(who);
        uint256 claimable = fund.claimableRedeemRequest(exit.epoch, controller);
        uint256 most = fund.maxWithdraw(controller);
        bytes memory data = abi.encodeCall(fund.claimRedeem, ());
        if (seed % 3 == 0) data = abi.encodeCall(fund.redeem, (_part(seed, claimable), controller, controller));
        else if (seed % 3 == 1) data = abi.encodeCall(fund.withdraw, (_part(seed, most), controller, controller));
        address from = seed % 3 != 2 && seed % 2 == 0 ? _person(who + 1) : controller;
        uint256 before = usd.balanceOf(controller);
        bool ok = _tryTwice(from, address(fund), data, controller);
        if (seed % 3 == 2) {
            bool due = exit.shares != 0 && claimable != 0 && fund.maxRedeem(controller) == claimable;
            _require(ok || !due, FundRule.F11, "a claim was refused though its cash was there");
        }
        if (!ok) return;
        uint256 got = usd.balanceOf(controller) - before;
        exit.claimed += got;
        _claimed += got;
        _idle -= got;
        bool whole = fund.claimableRedeemRequest(exit.epoch, controller) == 0;
        if (whole && (exit.takenBack || fund.pendingRedeemRequest(exit.epoch, controller) == 0)) delete _exits[who];
        _count("claimRedeem");
    }

    function redeemInWindDown(uint256 seed) external {
        address who = _person(seed);
        (uint256 shares, uint256 supply) = (_part(seed, fund.balanceOf(who)), fund.totalSupply() - 1);
        uint256 kept = _paid - _claimed + _fees;
        uint256 free = _idle > kept ? _idle - kept : 0;
        uint256 before = usd.balanceOf(who);
        bool ok = _try(who, address(fund), abi.encodeCall(fund.redeemInWindDown, (shares)), who);
        _require(ok == (_ending && shares != 0), FundRule.F11, "an exit from a closed fund was refused, or came too early");
        if (!ok) return;
        uint256 got = usd.balanceOf(who) - before;
        _require(got * supply <= free * shares, FundRule.F3, "who left a closing fund took more than a fair part");
        (_idle, _assets) = (_idle - got, _assets - int256(got));
        _count("redeemInWindDown");
    }

    /* STRANGERS */

    /// @dev Gifts to every contract, of cash and of shares; nothing that is a price or a book may notice.
    function donate(uint256 seed) external {
        bytes32 before = _books();
        address[5] memory to =
            [address(fund), address(bondVault), address(allocator), address(forwarder), address(validator)];
        address target = to[seed % 5];
        if (seed % 3 == 0) {
            uint256 shares = fund.balanceOf(_person(seed)) / 50;
            vm.prank(_person(seed));
            fund.transfer(target, shares);
        } else {
            uint256 amount = 1 + (seed >> 8) % 100_000e6;
            usd.mint(target, amount);
            if (target == address(fund)) _donated += amount;
            if (target == address(bondVault)) _donatedToBond += amount;
        }
        _require(before == _books(), FundRule.F6, "a gift moved a price");
        _count("donate");
    }

    function _books() private view returns (bytes32) {
        return keccak256(
            abi.encode(
                fund.totalAssetsE6(),
                fund.sharePriceE18(),
                fund.highWaterMarkE18(),
                fund.convertToShares(1e12),
                fund.idleUsdE6(),
                fund.totalSupply(),
                bondVault.bondUsdE6(),
                allocator.targetUsdE6(mandateIds[0])
            )
        );
    }

    function transferShares(uint256 seed) external {
        uint256 shares = _part(seed, fund.balanceOf(_person(seed))) / 4;
        vm.prank(_person(seed));
        fund.transfer(_person(seed + 1), shares);
    }

    /// @dev Acts in the name of others, and with what is not one's own.
    function steal(uint256 seed) external {
        address victim = _person(seed);
        bytes[8] memory tries = [
            abi.encodeCall(fund.requestDeposit, (1e6, victim, victim)),
            abi.encodeCall(fund.requestRedeem, (1, STRANGER, victim)),
            abi.encodeWithSignature("deposit(uint256,address,address)", 1, STRANGER, victim),
            abi.encodeCall(fund.redeem, (1, STRANGER, victim)),
            abi.encodeCall(fund.withdraw, (1, STRANGER, victim)),
            abi.encodeCall(fund.closeEpoch, (new bytes(224))),
            abi.encodeCall(IFundVault.setVenueDeposit, (STRANGER)),
            abi.encodeCall(IFundVault.sendToVenueAddress, (STRANGER, 1))
        ];
        uint256 kind = (seed >> 8) % 10;
        FundRule rule = kind > 5 ? FundRule.F10 : FundRule.F5;
        if (kind < 8) return _refused(rule, "a stranger acted for another", STRANGER, address(fund), tries[kind]);
        bytes memory data = abi.encodeCall(IBondVault.absorbLoss, (1));
        if (kind == 9) data = abi.encodeCall(IBondVault.requestRelease, (1));
        _refused(FundRule.F9, "a stranger moved the bond", STRANGER, address(bondVault), data);
    }
}
