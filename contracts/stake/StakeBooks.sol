// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {IStakeVault, LeavingStake, MandateStake} from "../interfaces/IStakeVault.sol";
import {StakeRoles} from "./StakeRoles.sol";
import {StakeVotes} from "./StakeVotes.sol";
import {StreamLib} from "./StreamLib.sol";

/// @title Pools of stake and what each account holds of them.
/// @dev A pool is a mandate's stake, pool 0 the unsignalled stake. An account holds shares; `rateRay` is what one is
/// worth. Entering and leaving never change the rate, only slashes, scores and rewards do, for all shares alike, also
/// of stake that is leaving. So no loop over accounts exists, and shares · rate ≤ stake holds at any time: what rounding
/// leaves over stays in the pool. Shares on their way out are no longer active: they carry no vote, no signal, no fee.
abstract contract StakeBooks is StakeRoles, StakeVotes {
    using SafeCast for uint256;
    using Checkpoints for Checkpoints.Trace208;
    using StreamLib for StreamLib.Stream;

    struct Pool {
        uint128 stakeSaksi; // not kept for pool 0: there a share is one unit of SAKSI
        uint128 rateRay;
        uint128 shares; // active and leaving
        uint128 activeShares;
        StreamLib.Stream rewards;
        StreamLib.Stream fees;
        uint160 feePerShareE27;
        uint96 rewardBaseSaksi; // signal at the last score
        uint32 lastEpoch;
        uint64 lastScoredAt;
        uint128 slashedSaksi; // ever
    }

    /// @dev Two words, so that leaving costs one of them.
    struct Position {
        uint104 activeShares;
        uint104 leavingShares;
        uint40 readyAt; // 0: nothing is leaving
        uint8 destination; // a pool, or OUT
        uint160 feePerShareE27; // up to which fees are booked
        uint96 owedUsdE6;
    }

    uint256 public constant MAX_MANDATES = 16;
    uint8 private constant OUT = type(uint8).max;
    uint256 private constant FEE_SCALE = 1e27;
    /// @dev Below a ten-thousandth of its first rate a pool takes no more stake: shares would outgrow their words.
    uint256 private constant MIN_OPEN_RATE = RAY / 1e4;

    mapping(uint256 pool => Pool) internal _pools;
    mapping(address account => mapping(uint256 pool => Position)) private _positions;
    mapping(bytes32 mandateId => uint256 pool) private _poolOf;
    bytes32[] private _mandateIds;
    /// @dev Stake of a mandate and all that was ever slashed of it, together. A slash does not change the sum, so what
    /// was there at a time and is not slashed yet is the sum of that time less everything slashed until now.
    mapping(uint256 pool => Checkpoints.Trace208) private _grossHistory;

    constructor() EIP712("SaksiStake", "1") {
        _openPool(0);
    }

    /* STAKERS */

    /// @dev The final contract moves the tokens: in after they were credited, out after they were debited.
    function _stake(address account, uint256 amountSaksi) internal {
        if (amountSaksi == 0) revert StakeZeroAmount();
        _activate(account, 0, _enter(0, amountSaksi));
        emit Staked(account, amountSaksi);
    }

    /// @inheritdoc IStakeVault
    function signal(bytes32 mandateId, uint256 amountSaksi) external {
        uint256 pool = _listed(mandateId);
        if (!_isOpen(pool)) revert StakeMandateClosed(mandateId);
        _leave(0, _deactivate(msg.sender, 0, amountSaksi), amountSaksi);
        _drip(pool);
        _activate(msg.sender, pool, _enter(pool, amountSaksi));
        emit SignalMoved(msg.sender, 0, mandateId, amountSaksi);
    }

    /// @inheritdoc IStakeVault
    function moveSignal(bytes32 fromMandateId, bytes32 toMandateId, uint256 amountSaksi) external {
        uint256 to = _poolFor(toMandateId);
        if (fromMandateId == toMandateId) revert StakeSameMandate(toMandateId);
        if (!_isOpen(to)) revert StakeMandateClosed(toMandateId);
        _startLeaving(_listed(fromMandateId), fromMandateId, toMandateId, uint8(to), amountSaksi);
    }

    /// @inheritdoc IStakeVault
    function requestUnstake(bytes32 mandateId, uint256 amountSaksi) external {
        _startLeaving(_poolFor(mandateId), mandateId, 0, OUT, amountSaksi);
    }

    function _startLeaving(uint256 pool, bytes32 fromMandateId, bytes32 toMandateId, uint8 to, uint256 amountSaksi)
        private
    {
        _drip(pool);
        uint256 shares = _deactivate(msg.sender, pool, amountSaksi);
        Position storage position = _positions[msg.sender][pool];
        if (position.readyAt != 0 && position.destination != to) revert StakeOtherDestination(fromMandateId);
        uint64 readyAt = uint64(block.timestamp) + unbondingSeconds;
        position.leavingShares = (position.leavingShares + shares).toUint104();
        (position.readyAt, position.destination) = (uint40(readyAt), to);
        emit LeavingRequested(msg.sender, fromMandateId, toMandateId, to == OUT, amountSaksi, readyAt);
    }

    /// @inheritdoc IStakeVault
    function cancelUnstake(bytes32 mandateId) external {
        uint256 pool = _poolFor(mandateId);
        _drip(pool);
        Position storage position = _positions[msg.sender][pool];
        if (position.readyAt == 0) revert StakeNothingLeaving(msg.sender, mandateId);
        uint256 shares = _clearLeaving(position);
        _activate(msg.sender, pool, shares);
        emit LeavingCancelled(msg.sender, mandateId, _valueOf(pool, shares));
    }

    /// @inheritdoc IStakeVault
    function finishMove(bytes32 fromMandateId) external {
        (uint256 amountSaksi, uint8 to) = _endLeaving(fromMandateId, false);
        // a destination that was ruined meanwhile takes nothing: the stake stays, unsignalled
        if (!_isOpen(to)) to = 0;
        _drip(to);
        if (amountSaksi != 0) _activate(msg.sender, to, _enter(to, amountSaksi));
        emit SignalMoved(msg.sender, fromMandateId, _idOf(to), amountSaksi);
    }

    /// @dev Ends a wait. Nothing may be left of it after a slash; then it ends all the same.
    function _endLeaving(bytes32 mandateId, bool out) internal returns (uint256 amountSaksi, uint8 to) {
        uint256 pool = _poolFor(mandateId);
        _drip(pool);
        Position storage position = _positions[msg.sender][pool];
        if (position.readyAt == 0) revert StakeNothingLeaving(msg.sender, mandateId);
        to = position.destination;
        if ((to == OUT) != out) revert StakeOtherDestination(mandateId);
        if (block.timestamp < position.readyAt) revert StakeTooEarly(block.timestamp, position.readyAt);
        uint256 shares = _clearLeaving(position);
        amountSaksi = _valueOf(pool, shares);
        _leave(pool, shares, amountSaksi);
    }

    function _clearLeaving(Position storage position) private returns (uint256 shares) {
        shares = position.leavingShares;
        (position.leavingShares, position.readyAt, position.destination) = (0, 0, 0);
    }

    /* POOLS */

    function _openPool(uint256 pool) private {
        _pools[pool].rateRay = uint128(RAY);
        _recordRate(pool, RAY);
    }

    function _list(bytes32 mandateId) internal {
        if (mandateId == 0) revert StakeUnknownMandate(mandateId);
        if (_poolOf[mandateId] != 0) revert StakeMandateListed(mandateId);
        if (_mandateIds.length == MAX_MANDATES) revert StakeTooManyMandates(MAX_MANDATES);
        _mandateIds.push(mandateId);
        _poolOf[mandateId] = _mandateIds.length;
        _openPool(_mandateIds.length);
        emit MandateListed(mandateId, _mandateIds.length);
    }

    function _listed(bytes32 mandateId) internal view returns (uint256 pool) {
        pool = _poolOf[mandateId];
        if (pool == 0) revert StakeUnknownMandate(mandateId);
    }

    function _poolFor(bytes32 mandateId) private view returns (uint256 pool) {
        return mandateId == 0 ? 0 : _listed(mandateId);
    }

    function _idOf(uint256 pool) internal view returns (bytes32) {
        return pool == 0 ? bytes32(0) : _mandateIds[pool - 1];
    }

    function _stakeOf(uint256 pool) internal view returns (uint256) {
        return pool == 0 ? _pools[0].shares : _pools[pool].stakeSaksi;
    }

    function _isOpen(uint256 pool) private view returns (bool) {
        return _pools[pool].rateRay >= MIN_OPEN_RATE;
    }

    function _valueOf(uint256 pool, uint256 shares) internal view returns (uint256) {
        return pool == 0 ? shares : Math.mulDiv(shares, _pools[pool].rateRay, RAY);
    }

    /// @dev Buys shares, rounded down.
    function _enter(uint256 pool, uint256 amountSaksi) private returns (uint256 shares) {
        Pool storage p = _pools[pool];
        shares = amountSaksi;
        if (pool != 0) {
            shares = Math.mulDiv(amountSaksi, RAY, p.rateRay);
            if (shares == 0) revert StakeAmountTooSmall(amountSaksi);
            _recordStake(pool, p.stakeSaksi + amountSaksi);
        }
        p.shares = (p.shares + shares).toUint128();
    }

    /// @dev Gives shares back for at most what they are worth.
    function _leave(uint256 pool, uint256 shares, uint256 amountSaksi) private {
        Pool storage p = _pools[pool];
        if (pool != 0) _recordStake(pool, p.stakeSaksi - amountSaksi);
        p.shares -= uint128(shares); // part of them
    }

    function _activate(address account, uint256 pool, uint256 shares) private {
        Position storage position = _settle(account, pool);
        position.activeShares = (position.activeShares + shares).toUint104();
        _changeActive(pool, _pools[pool].activeShares + shares);
        _moveShares(pool, address(0), delegates(account), shares);
    }

    /// @dev The shares behind an amount cease to vote, to signal and to earn fees. Rounded up, so that asking for
    /// everything leaves less than one unit; what they are worth in the end is what is paid.
    function _deactivate(address account, uint256 pool, uint256 amountSaksi) private returns (uint256 shares) {
        if (amountSaksi == 0) revert StakeZeroAmount();
        Position storage position = _settle(account, pool);
        uint256 held = _valueOf(pool, position.activeShares);
        if (amountSaksi > held) revert StakeInsufficient(amountSaksi, held);
        shares = amountSaksi;
        if (pool != 0) shares = Math.mulDiv(amountSaksi, RAY, _pools[pool].rateRay, Math.Rounding.Ceil);
        position.activeShares -= uint104(shares); // at most the held ones
        _changeActive(pool, _pools[pool].activeShares - shares);
        _moveShares(pool, delegates(account), address(0), shares);
    }

    function _changeActive(uint256 pool, uint256 newShares) private {
        Pool storage p = _pools[pool];
        uint256 oldPart = _valueOf(pool, p.activeShares);
        p.activeShares = newShares.toUint128();
        _recordTotal(oldPart, _valueOf(pool, newShares));
    }

    /// @dev Changes what all shares of a pool are worth, to the advantage or disadvantage of all alike.
    function _setStake(uint256 pool, uint256 newStakeSaksi) internal {
        Pool storage p = _pools[pool];
        (uint256 oldStake, uint256 oldRate) = (p.stakeSaksi, p.rateRay);
        uint256 oldPart = _valueOf(pool, p.activeShares);
        uint256 newRate = oldRate;
        if (p.shares != 0) newRate = Math.min(Math.mulDiv(newStakeSaksi, RAY, p.shares), type(uint128).max);
        p.rateRay = uint128(newRate);
        _recordStake(pool, newStakeSaksi);
        _recordRate(pool, newRate);
        _recordTotal(oldPart, _valueOf(pool, p.activeShares));
        emit MandateStakeChanged(_idOf(pool), oldStake, newStakeSaksi, oldRate, newRate);
    }

    function _recordStake(uint256 pool, uint256 newStakeSaksi) private {
        Pool storage p = _pools[pool];
        p.stakeSaksi = newStakeSaksi.toUint128();
        uint208 gross = (newStakeSaksi + p.slashedSaksi).toUint208();
        Checkpoints.Trace208 storage history = _grossHistory[pool];
        if (gross != history.latest()) history.push(clock(), gross);
    }

    /* EARNINGS */

    /// @dev Passes on what is due: rewards to all shares by their rate, fees to active shares.
    function _drip(uint256 pool) internal {
        if (pool == 0) return;
        Pool storage p = _pools[pool];
        if (p.shares != 0) {
            uint256 reward = p.rewards.release();
            if (reward != 0) _setStake(pool, p.stakeSaksi + reward);
        }
        if (p.activeShares != 0) {
            uint256 fee = p.fees.release();
            if (fee != 0) p.feePerShareE27 += Math.mulDiv(fee, FEE_SCALE, p.activeShares).toUint160();
        }
    }

    /// @dev Books an account's fees before its active shares change.
    function _settle(address account, uint256 pool) internal returns (Position storage position) {
        position = _positions[account][pool];
        if (pool == 0) return position;
        uint160 perShare = _pools[pool].feePerShareE27;
        if (perShare == position.feePerShareE27) return position;
        position.owedUsdE6 = (position.owedUsdE6 + _feesSince(position, perShare)).toUint96();
        position.feePerShareE27 = perShare;
    }

    function _feesSince(Position storage position, uint256 perShareE27) private view returns (uint256) {
        return Math.mulDiv(position.activeShares, perShareE27 - position.feePerShareE27, FEE_SCALE);
    }

    /* FOR THE VOTES */

    function _poolCount() internal view override returns (uint256) {
        return _mandateIds.length + 1;
    }

    function _activeSharesOf(address account, uint256 pool) internal view override returns (uint256) {
        return _positions[account][pool].activeShares;
    }

    function _getVotingUnits(address account) internal view override returns (uint256) {
        return stakedOf(account);
    }

    /* VIEWS */

    /// @inheritdoc IStakeVault
    function signalOf(bytes32 mandateId) public view returns (uint256) {
        uint256 pool = _listed(mandateId);
        return _valueOf(pool, _pools[pool].activeShares);
    }

    /// @inheritdoc IStakeVault
    function totalSignal() external view returns (uint256 amountSaksi) {
        uint256 pools = _poolCount();
        for (uint256 i = 1; i < pools; ++i) {
            amountSaksi += _valueOf(i, _pools[i].activeShares);
        }
    }

    /// @inheritdoc IStakeVault
    function signalOf(address account, bytes32 mandateId) public view returns (uint256) {
        uint256 pool = _poolFor(mandateId);
        return _valueOf(pool, _positions[account][pool].activeShares);
    }

    /// @inheritdoc IStakeVault
    function stakedOf(address account) public view returns (uint256 amountSaksi) {
        uint256 pools = _poolCount();
        for (uint256 i = 0; i < pools; ++i) {
            amountSaksi += _valueOf(i, _positions[account][i].activeShares);
        }
    }

    /// @inheritdoc IStakeVault
    function leavingOf(address account, bytes32 mandateId) external view returns (LeavingStake memory) {
        uint256 pool = _poolFor(mandateId);
        Position storage position = _positions[account][pool];
        uint8 to = position.destination;
        return LeavingStake({
            amountSaksi: _valueOf(pool, position.leavingShares),
            readyAt: position.readyAt,
            toMandateId: to == OUT ? bytes32(0) : _idOf(to),
            out: to == OUT
        });
    }

    /// @inheritdoc IStakeVault
    function mandateStake(bytes32 mandateId) external view returns (MandateStake memory) {
        uint256 pool = _poolFor(mandateId);
        Pool storage p = _pools[pool];
        return MandateStake({
            stakeSaksi: _stakeOf(pool),
            signalSaksi: _valueOf(pool, p.activeShares),
            leavingSaksi: _valueOf(pool, p.shares - p.activeShares),
            rewardSaksi: p.rewards.amount,
            feesUsdE6: p.fees.amount,
            rateRay: p.rateRay,
            lastEpoch: p.lastEpoch,
            lastScoredAt: p.lastScoredAt,
            open: _isOpen(pool)
        });
    }

    /// @inheritdoc IStakeVault
    function slashable(bytes32 mandateId, uint64 capturedAt) public view returns (uint256) {
        uint256 pool = _listed(mandateId);
        uint256 gross = _grossHistory[pool].upperLookupRecent(SafeCast.toUint48(capturedAt));
        uint256 slashed = _pools[pool].slashedSaksi;
        return Math.min(gross > slashed ? gross - slashed : 0, _pools[pool].stakeSaksi);
    }

    /// @inheritdoc IStakeVault
    function claimableFeesUsdE6(address account, bytes32 mandateId) external view returns (uint256) {
        uint256 pool = _listed(mandateId);
        Pool storage p = _pools[pool];
        Position storage position = _positions[account][pool];
        uint256 perShare = p.feePerShareE27;
        if (p.activeShares != 0) perShare += Math.mulDiv(p.fees.dueNow(), FEE_SCALE, p.activeShares);
        return position.owedUsdE6 + _feesSince(position, perShare);
    }

    /// @inheritdoc IStakeVault
    function mandateAt(uint256 index) external view returns (bytes32) {
        return _mandateIds[index];
    }

    /// @inheritdoc IStakeVault
    function mandateCount() external view returns (uint256) {
        return _mandateIds.length;
    }
}
