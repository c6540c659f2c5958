// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IStakeVault, SlashRecord} from "../interfaces/IStakeVault.sol";
import {SaksiToken} from "./SaksiToken.sol";
import {StakeBooks} from "./StakeBooks.sol";
import {StakeRoles} from "./StakeRoles.sol";
import {StreamLib} from "./StreamLib.sol";

/// @title StakeVault
///
/// PROMISES
/// - Books of its own: no balance is ever read, so a donation moves nothing. Stake, rewards not yet passed on, reserve
///   and escrow add up to what was paid in less what was paid out and burned, to the last unit. Every rounding is
///   against the individual, so what is owed is never more than what is there.
/// - A vote has stake behind it, and the stake stays in the vault for `unbondingSeconds` after its owner asks for it.
///   Stake that is leaving votes for nobody. Stake that came in this second had no vote in the second before.
/// - Stake signalled to a mandate answers for it until it is out, also while it is leaving or moving: nobody outruns a
///   slash or a bad score. A slash takes at most what was there when the violation was put on record, from all holders
///   in proportion, and compensates a named recipient in kind after an escrow.
/// - A score moves a mandate's stake by at most 5 % of it, once an epoch, not more often than `scoreIntervalSeconds`.
///   A reward is for stake that was signalled at the last score already, comes from the reserve, and flows for
///   `streamSeconds`, as fees do: who comes for a known payment gets only the part that flows while he is there.
/// - Nobody can stop stakers from leaving. Only a new court, seen coming for longer than the way out, could take more.
///
/// DOES NOT PROMISE
/// - That the court judges right or the scorer scores right. The bounds above are the measure of that trust.
/// - That a newcomer pays only for violations after his arrival: holders of a mandate bear its slashes together.
/// - Rewards: an empty reserve pays none. Support for assets that charge on transfer or rebase.
/// - A mandate whose stake was slashed to a ten-thousandth takes no new signal, for good; at most `MAX_MANDATES` are listed.
contract StakeVault is StakeBooks {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using StreamLib for StreamLib.Stream;

    struct Escrow {
        address recipient;
        uint96 amountSaksi;
        uint64 releasableAt;
        uint8 pool;
        bool closed;
    }

    /// @notice No way out and no escrow may be longer.
    uint64 public constant MAX_WAIT_SECONDS = 90 days;
    int256 public constant MAX_SCORE_BPS = 500;
    uint256 private constant BPS = 1e4;

    SaksiToken public immutable saksi;
    /// @notice The fund's asset, which fees are paid in.
    IERC20 public immutable asset;
    /// @inheritdoc IStakeVault
    uint64 public immutable escrowSeconds;
    /// @inheritdoc IStakeVault
    uint64 public immutable streamSeconds;
    /// @inheritdoc IStakeVault
    uint64 public immutable scoreIntervalSeconds;

    uint96 private _reserveSaksi;
    uint96 private _escrowSaksi;
    uint64 private _slashCount;
    mapping(uint256 slashId => Escrow) private _escrows;

    constructor(
        address owner_,
        address guardian_,
        address saksi_,
        address asset_,
        uint64 unbondingSeconds_,
        uint64 escrowSeconds_,
        uint64 streamSeconds_,
        uint64 scoreIntervalSeconds_
    ) StakeRoles(owner_, guardian_, unbondingSeconds_) {
        uint64 longest = unbondingSeconds_ > escrowSeconds_ ? unbondingSeconds_ : escrowSeconds_;
        if (longest > MAX_WAIT_SECONDS) revert StakeBadPeriod(longest, MAX_WAIT_SECONDS);
        // what has been earned must have flowed before the last holder can be out
        if (streamSeconds_ == 0 || streamSeconds_ > unbondingSeconds_) {
            revert StakeBadPeriod(streamSeconds_, unbondingSeconds_);
        }
        (saksi, asset) = (SaksiToken(saksi_), IERC20(asset_));
        (escrowSeconds, streamSeconds, scoreIntervalSeconds) = (escrowSeconds_, streamSeconds_, scoreIntervalSeconds_);
    }

    /* STAKERS */

    /// @inheritdoc IStakeVault
    function stake(uint256 amountSaksi) external {
        _stake(msg.sender, amountSaksi);
        IERC20(saksi).safeTransferFrom(msg.sender, address(this), amountSaksi);
    }

    /// @inheritdoc IStakeVault
    function withdrawUnstaked(bytes32 mandateId) external {
        (uint256 amountSaksi,) = _endLeaving(mandateId, true);
        emit Unstaked(msg.sender, mandateId, amountSaksi);
        IERC20(saksi).safeTransfer(msg.sender, amountSaksi);
    }

    /// @inheritdoc IStakeVault
    function claimFees(bytes32 mandateId) external returns (uint256 amountUsdE6) {
        uint256 pool = _listed(mandateId);
        _drip(pool);
        Position storage position = _settle(msg.sender, pool);
        amountUsdE6 = position.owedUsdE6;
        if (amountUsdE6 == 0) revert StakeNothingToClaim(msg.sender, mandateId);
        position.owedUsdE6 = 0;
        emit FeesClaimed(msg.sender, mandateId, amountUsdE6);
        asset.safeTransfer(msg.sender, amountUsdE6);
    }

    /* ANYONE */

    /// @inheritdoc IStakeVault
    function compound(bytes32 mandateId) external {
        _drip(_listed(mandateId));
    }

    /// @inheritdoc IStakeVault
    function fundReserve(uint256 amountSaksi) external {
        if (amountSaksi == 0) revert StakeZeroAmount();
        _setReserve(_reserveSaksi + amountSaksi);
        IERC20(saksi).safeTransferFrom(msg.sender, address(this), amountSaksi);
    }

    /// @inheritdoc IStakeVault
    function notifyFees(bytes32 mandateId, uint256 amountUsdE6) external {
        if (amountUsdE6 == 0) revert StakeZeroAmount();
        uint256 pool = _listed(mandateId);
        Pool storage p = _pools[pool];
        if (p.activeShares == 0) revert StakeNothingSignalled(mandateId);
        _drip(pool);
        p.fees.add(amountUsdE6, streamSeconds);
        emit FeesNotified(mandateId, msg.sender, amountUsdE6, p.fees.endsAt);
        asset.safeTransferFrom(msg.sender, address(this), amountUsdE6);
    }

    /// @inheritdoc IStakeVault
    function releaseSlash(uint256 slashId) external {
        Escrow storage record = _pending(slashId);
        if (block.timestamp < record.releasableAt) revert StakeTooEarly(block.timestamp, record.releasableAt);
        record.closed = true;
        _escrowSaksi -= record.amountSaksi;
        emit SlashReleased(slashId, record.recipient, record.amountSaksi);
        IERC20(saksi).safeTransfer(record.recipient, record.amountSaksi);
    }

    /* COURT AND SCORER */

    /// @inheritdoc IStakeVault
    function slash(bytes32 mandateId, uint256 amountSaksi, uint64 capturedAt, address recipient, bytes32 reasonHash)
        external
        returns (uint256 slashId, uint256 slashedSaksi)
    {
        if (msg.sender != court()) revert StakeUnauthorised(msg.sender);
        if (recipient == address(0)) revert StakeZeroAddress();
        if (capturedAt > block.timestamp || uint256(capturedAt) + unbondingSeconds < block.timestamp) {
            revert StakeCaptureOutOfRange(capturedAt, block.timestamp - unbondingSeconds, block.timestamp);
        }
        uint256 pool = _listed(mandateId);
        _drip(pool);
        slashedSaksi = Math.min(amountSaksi, slashable(mandateId, capturedAt));
        if (slashedSaksi == 0) return (0, 0);
        _pools[pool].slashedSaksi += uint128(slashedSaksi); // part of the stake
        _setStake(pool, _pools[pool].stakeSaksi - slashedSaksi);
        _escrowSaksi += slashedSaksi.toUint96();
        uint64 releasableAt = uint64(block.timestamp) + escrowSeconds;
        slashId = ++_slashCount;
        _escrows[slashId] = Escrow(recipient, uint96(slashedSaksi), releasableAt, uint8(pool), false);
        emit Slashed(slashId, mandateId, recipient, slashedSaksi, capturedAt, releasableAt, reasonHash);
    }

    /// @inheritdoc IStakeVault
    function applyScore(bytes32 mandateId, uint32 epoch, int256 scoreBps) external {
        if (msg.sender != scorer()) revert StakeUnauthorised(msg.sender);
        uint256 pool = _listed(mandateId);
        Pool storage p = _pools[pool];
        if (epoch <= p.lastEpoch) revert StakeEpochScored(mandateId, epoch, p.lastEpoch);
        uint256 notBefore = p.lastScoredAt + scoreIntervalSeconds;
        if (block.timestamp < notBefore) revert StakeTooEarly(block.timestamp, notBefore);
        _drip(pool);
        int256 appliedBps = scoreBps > MAX_SCORE_BPS ? MAX_SCORE_BPS : scoreBps;
        if (appliedBps < -MAX_SCORE_BPS) appliedBps = -MAX_SCORE_BPS;
        (p.lastEpoch, p.lastScoredAt) = (epoch, uint64(block.timestamp));
        uint256 reward;
        uint256 burned;
        if (appliedBps >= 0) {
            // a base that was there at the last score: stake that comes for this one earns nothing by it
            uint256 base = Math.min(p.rewardBaseSaksi, signalOf(mandateId));
            reward = Math.min(base * uint256(appliedBps) / BPS, _reserveSaksi);
        } else {
            burned = p.stakeSaksi * uint256(-appliedBps) / BPS;
        }
        if (reward != 0) {
            _setReserve(_reserveSaksi - reward);
            p.rewards.add(reward, streamSeconds);
        }
        if (burned != 0) _setStake(pool, p.stakeSaksi - burned);
        p.rewardBaseSaksi = signalOf(mandateId).toUint96();
        emit ScoreApplied(mandateId, epoch, scoreBps, appliedBps, reward, burned);
        if (burned != 0) saksi.burn(burned);
    }

    /* OWNER */

    /// @inheritdoc IStakeVault
    function listMandate(bytes32 mandateId) external onlyOwner {
        _list(mandateId);
    }

    /// @inheritdoc IStakeVault
    function cancelSlash(uint256 slashId) external onlyOwner {
        Escrow storage record = _pending(slashId);
        record.closed = true;
        _escrowSaksi -= record.amountSaksi;
        emit SlashCancelled(slashId, record.amountSaksi);
        _setReserve(_reserveSaksi + record.amountSaksi);
    }

    /* INSIDE */

    function _setReserve(uint256 newReserveSaksi) private {
        emit ReserveChanged(_reserveSaksi, newReserveSaksi);
        _reserveSaksi = newReserveSaksi.toUint96();
    }

    function _pending(uint256 slashId) private view returns (Escrow storage record) {
        record = _escrows[slashId];
        if (record.recipient == address(0) || record.closed) revert StakeUnknownSlash(slashId);
    }

    /* VIEWS */

    /// @inheritdoc IStakeVault
    function slashRecord(uint256 slashId) external view returns (SlashRecord memory) {
        Escrow memory e = _escrows[slashId];
        if (e.recipient == address(0)) revert StakeUnknownSlash(slashId);
        return SlashRecord(_idOf(e.pool), e.recipient, e.amountSaksi, e.releasableAt, e.closed);
    }

    /// @inheritdoc IStakeVault
    function slashCount() external view returns (uint256) {
        return _slashCount;
    }

    /// @inheritdoc IStakeVault
    function accounts()
        external
        view
        returns (uint256 stakeSaksi, uint256 rewardSaksi, uint256 reserveSaksi, uint256 escrowSaksi)
    {
        uint256 pools = _poolCount();
        for (uint256 i = 0; i < pools; ++i) {
            stakeSaksi += _stakeOf(i);
            rewardSaksi += _pools[i].rewards.amount;
        }
        return (stakeSaksi, rewardSaksi, _reserveSaksi, _escrowSaksi);
    }
}
