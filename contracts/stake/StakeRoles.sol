// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Guarded} from "../core/Guarded.sol";
import {IStakeVault} from "../interfaces/IStakeVault.sol";

/// @title Who may slash and who may score.
/// @dev A new court could take whatever is signalled, so stakers get time to see it coming, ask for their stake, and
/// wait out the unbonding before it acts: the delay is longer than the unbonding by `NOTICE_SECONDS`.
abstract contract StakeRoles is IStakeVault, Guarded {
    struct Pointer {
        address current;
        address next;
        uint64 applicableAt;
    }

    uint64 public constant NOTICE_SECONDS = 3 days;

    /// @inheritdoc IStakeVault
    uint64 public immutable unbondingSeconds;

    Pointer private _court;
    Pointer private _scorer;

    constructor(address owner_, address guardian_, uint64 unbondingSeconds_) Guarded(owner_, guardian_) {
        unbondingSeconds = unbondingSeconds_;
    }

    /// @inheritdoc IStakeVault
    function scheduleCourt(address newCourt) external onlyOwner {
        (bool set, uint64 applicableAt) = _schedule(_court, newCourt);
        if (set) emit CourtChanged(address(0), newCourt);
        else emit CourtScheduled(newCourt, applicableAt);
    }

    /// @inheritdoc IStakeVault
    function applyCourt() external {
        (address oldCourt, address newCourt) = _apply(_court);
        emit CourtChanged(oldCourt, newCourt);
    }

    /// @inheritdoc IStakeVault
    function cancelCourt() external onlyGuardianOrOwner {
        emit CourtCancelled(_cancel(_court));
    }

    /// @inheritdoc IStakeVault
    function scheduleScorer(address newScorer) external onlyOwner {
        (bool set, uint64 applicableAt) = _schedule(_scorer, newScorer);
        if (set) emit ScorerChanged(address(0), newScorer);
        else emit ScorerScheduled(newScorer, applicableAt);
    }

    /// @inheritdoc IStakeVault
    function applyScorer() external {
        (address oldScorer, address newScorer) = _apply(_scorer);
        emit ScorerChanged(oldScorer, newScorer);
    }

    /// @inheritdoc IStakeVault
    function cancelScorer() external onlyGuardianOrOwner {
        emit ScorerCancelled(_cancel(_scorer));
    }

    /// @inheritdoc IStakeVault
    function court() public view returns (address) {
        return _court.current;
    }

    /// @inheritdoc IStakeVault
    function scorer() public view returns (address) {
        return _scorer.current;
    }

    /// @inheritdoc IStakeVault
    function pointerDelaySeconds() public view returns (uint64) {
        return unbondingSeconds + NOTICE_SECONDS;
    }

    function _schedule(Pointer storage p, address next) private returns (bool set, uint64 applicableAt) {
        if (next == address(0)) revert StakeZeroAddress();
        if (p.current == address(0)) {
            p.current = next;
            return (true, 0);
        }
        applicableAt = uint64(block.timestamp) + pointerDelaySeconds();
        (p.next, p.applicableAt) = (next, applicableAt);
    }

    function _apply(Pointer storage p) private returns (address old, address next) {
        (old, next) = (p.current, p.next);
        if (next == address(0)) revert StakeNothingScheduled();
        if (block.timestamp < p.applicableAt) revert StakeTooEarly(block.timestamp, p.applicableAt);
        (p.current, p.next, p.applicableAt) = (next, address(0), 0);
    }

    function _cancel(Pointer storage p) private returns (address next) {
        next = p.next;
        if (next == address(0)) revert StakeNothingScheduled();
        (p.next, p.applicableAt) = (address(0), 0);
    }
}
