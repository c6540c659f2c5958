// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Limits} from "../../../contracts/interfaces/Types.sol";
import {Messages} from "./Messages.sol";
import {ITransferHook, vm} from "./Protocol.sol";

/// @notice The promises about money that acts judge on the spot; a breach is remembered with its reason.
enum FundRule {
    F1,
    F2,
    F3,
    F4,
    F5,
    F6,
    F7,
    F8,
    F9,
    F10,
    F11,
    F12
}

/// @title The fund's books a second time, from what was asked and what the asset was seen to do.
/// @dev Amounts are E6 unless the name says otherwise. A receiver of cash calls back with the call it is in.
abstract contract FundLedger is Messages, ITransferHook {
    error Broken(string rule);

    struct Entry {
        uint256 epoch;
        uint256 assets;
    }

    struct Exit {
        uint256 epoch;
        uint256 shares;
        uint256 claimed;
        bool takenBack;
    }

    struct Price {
        bool closed;
        bool entered; // a deposit was priced
        uint256 assets;
        uint256 shares;
    }

    struct Place {
        address account;
        uint256 usableAt;
        uint256 cap;
        uint256 capBps;
        bool removed;
    }

    uint256 internal constant PEOPLE = 3;
    uint256 internal constant VIRTUAL_SHARES = 1e6;
    uint256 internal constant BUCKET = 50_000e6;
    uint256 internal constant BUCKET_SECONDS = 1 days;
    uint256 internal constant PLACE_DELAY = 1 days;
    uint256 internal constant RELEASE_DELAY = 600;
    uint256 internal constant SILENCE = 2 days;

    int256 internal _assets;
    int256 internal _atVenueE8;
    int256 internal _equityE8;
    uint256 internal _carryE8;
    uint256 internal _idle;
    uint256 internal _pending;
    uint256 internal _paid; // what closes served
    uint256 internal _claimed;
    uint256 internal _fees;
    uint256 internal _bond;
    uint256 internal _releasing;
    uint256 internal _unexplained; // of the assets, what no result explains
    bool internal _tripped;
    uint256 internal _donated;
    uint256 internal _donatedToBond;
    bool internal _ending;
    uint256 internal _epoch = 1;
    uint256 internal _snapshotAt;
    mapping(uint256 epoch => uint256) internal _sent;
    mapping(uint256 epoch => uint256) internal _returned;
    mapping(uint256 epoch => int256) internal _pnlE8;
    mapping(uint256 epoch => uint256) internal _deposits;
    mapping(uint256 epoch => uint256) internal _feeBps;
    mapping(uint256 epoch => Price) internal _prices;
    mapping(uint256 who => Entry) internal _entries;
    mapping(uint256 who => Exit) internal _exits;
    mapping(uint256 mandate => Place) internal _places;
    mapping(uint256 mandate => uint256) internal _allocated;
    uint256 internal _bucketScaled = BUCKET * BUCKET_SECONDS;
    uint256 internal _bucketAt;

    mapping(FundRule => string) internal _broken;
    /// @notice How often each kind of act succeeded, by its name.
    mapping(bytes32 act => uint256) public taken;

    /// @dev Where cash of the fund may go during the running act; nobody else.
    address internal _payee;
    bytes private _again;
    uint256 public reentries;

    function _person(uint256 who) internal pure returns (address) {
        return address(uint160(0xD0 + who % PEOPLE));
    }

    /* BREACHES */

    function _require(bool holds, FundRule rule, string memory why) internal {
        if (!holds && bytes(_broken[rule]).length == 0) _broken[rule] = why;
    }

    function checkRule(FundRule rule) public view {
        if (bytes(_broken[rule]).length != 0) revert Broken(_broken[rule]);
    }

    function _count(bytes32 act) internal {
        ++taken[act];
    }

    /* CALLS */

    /// @dev Never reverts. While it runs, cash of the fund may go to `payee` alone.
    function _try(address from, address to, bytes memory data, address payee) internal returns (bool ok) {
        _payee = payee;
        if (from != address(this)) vm.prank(from);
        (ok,) = to.call(data);
        _payee = address(0);
    }

    /// @dev The same, by one who calls again from within the payment, with the same words.
    function _tryTwice(address from, address to, bytes memory data, address payee) internal returns (bool ok) {
        _again = data;
        ok = _try(from, to, data, payee);
        delete _again;
    }

    /// @dev What must not succeed.
    function _refused(FundRule rule, string memory why, address from, address to, bytes memory data) internal {
        _require(!_try(from, to, data, address(0)), rule, why);
        _count("refused");
    }

    /// @inheritdoc ITransferHook
    function onTransfer(address from, address to, uint256 amount) external {
        if (msg.sender != address(usd) || from != address(fund) || amount == 0) return;
        _require(to == _payee, FundRule.F10, "cash went where nobody sent it");
        if (_again.length == 0) return;
        bytes memory data = _again;
        delete _again;
        vm.prank(to);
        (bool ok,) = address(fund).call(data);
        ++reentries;
        if (ok) _count("reentered");
    }

    /* TIME */

    function _booking() internal view returns (uint256) {
        return block.timestamp < _snapshotAt ? _epoch : _epoch + 1;
    }

    function _feeOf(uint256 epoch) internal view returns (uint256 bps) {
        for (uint256 e = epoch; e > 0; --e) {
            if (_feeBps[e] != 0) return _feeBps[e] - 1;
        }
    }

    /* ALLOCATOR */

    /// @dev Takes from the bucket as it has refilled by now.
    function _draw(uint256 amount) internal {
        _bucketScaled += (block.timestamp - _bucketAt) * BUCKET;
        if (_bucketScaled > BUCKET * BUCKET_SECONDS) _bucketScaled = BUCKET * BUCKET_SECONDS;
        _bucketAt = block.timestamp;
        // the contract may round its refill by a unit
        bool within = amount * BUCKET_SECONDS <= _bucketScaled + BUCKET_SECONDS;
        _require(within, FundRule.F10, "the venue was sent more than the bucket held");
        _bucketScaled -= within && amount * BUCKET_SECONDS <= _bucketScaled ? amount * BUCKET_SECONDS : _bucketScaled;
    }

    function _sentToVenue(uint256 amount) internal {
        _atVenueE8 += int256(amount * 100);
        _idle -= amount;
        _sent[_booking()] += amount;
        _require(
            _atVenueE8 <= int256(uint256(fund.venueCapUsdE6()) * 100), FundRule.F10, "the venue holds more than its cap"
        );
        _require(_bond >= fund.neededBondUsdE6(), FundRule.F10, "cash left beyond the bond");
        _count("send");
    }

    function _firstLimits(address feed) internal pure override returns (Limits memory limits) {
        limits = super._firstLimits(feed);
        // this side of the campaign is about what results do to money, not about whether they may arise
        (limits.maxDrawdownBps, limits.minBondBps) = (10_000, 0);
        (limits.maxOpen, limits.ratePerDayCount) = (8, 1000);
        (limits.lossBudgetUsdE6, limits.ratePerDayNotionalUsdE6) = (1_000_000e6, 1_000_000_000e6);
    }
}
