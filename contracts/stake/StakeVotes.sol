// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Votes} from "@openzeppelin/contracts/governance/utils/Votes.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

/// @title Votes of stake that many hold together, for the governor (ERC-5805, ERC-6372 by timestamp).
/// @dev Stake is held as shares of pools. A slash changes what a share is worth for all holders at once, so votes are
/// kept as two histories, a delegate's shares and a pool's rate, and multiplied when asked for: the votes of any past
/// second are what the stake was worth in that second. Pool 0 is the unsignalled stake; its rate never changes.
/// `DelegateVotesChanged` is not emitted: the votes of a thousand delegates may change in one transaction.
abstract contract StakeVotes is Votes {
    using Checkpoints for Checkpoints.Trace208;

    uint256 internal constant RAY = 1e27;

    mapping(address delegatee => mapping(uint256 pool => Checkpoints.Trace208)) private _delegatedShares;
    mapping(uint256 pool => Checkpoints.Trace208) private _rates;
    Checkpoints.Trace208 private _totals;

    /* ERC-6372 */

    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /* ERC-5805 */

    function getVotes(address account) public view override returns (uint256 votes) {
        uint256 pools = _poolCount();
        for (uint256 i = 0; i < pools; ++i) {
            uint256 shares = _delegatedShares[account][i].latest();
            if (shares != 0) votes += Math.mulDiv(shares, _rates[i].latest(), RAY);
        }
    }

    function getPastVotes(address account, uint256 timepoint) public view override returns (uint256 votes) {
        uint48 when = _validateTimepoint(timepoint);
        uint256 pools = _poolCount();
        for (uint256 i = 0; i < pools; ++i) {
            uint256 shares = _delegatedShares[account][i].upperLookupRecent(when);
            if (shares != 0) votes += Math.mulDiv(shares, _rates[i].upperLookupRecent(when), RAY);
        }
    }

    function getPastTotalSupply(uint256 timepoint) public view override returns (uint256) {
        return _totals.upperLookupRecent(_validateTimepoint(timepoint));
    }

    function _delegate(address account, address delegatee) internal override {
        address oldDelegatee = delegates(account);
        super._delegate(account, delegatee);
        uint256 pools = _poolCount();
        for (uint256 i = 0; i < pools; ++i) {
            uint256 shares = _activeSharesOf(account, i);
            if (shares != 0) _moveShares(i, oldDelegatee, delegatee, shares);
        }
    }

    /// @dev The base keeps one kind of unit; here `_moveShares` does its work.
    function _moveDelegateVotes(address, address, uint256) internal pure override {}

    /* HISTORIES */

    /// @dev Address 0 stands for nobody: stake that enters, leaves, or is not delegated.
    function _moveShares(uint256 pool, address from, address to, uint256 shares) internal {
        if (from == to) return;
        if (from != address(0)) {
            Checkpoints.Trace208 storage history = _delegatedShares[from][pool];
            history.push(clock(), SafeCast.toUint208(history.latest() - shares));
        }
        if (to != address(0)) {
            Checkpoints.Trace208 storage history = _delegatedShares[to][pool];
            history.push(clock(), SafeCast.toUint208(history.latest() + shares));
        }
    }

    function _recordRate(uint256 pool, uint256 rateRay) internal {
        _rates[pool].push(clock(), SafeCast.toUint208(rateRay));
    }

    /// @dev Replaces one pool's part of the total.
    function _recordTotal(uint256 oldPartSaksi, uint256 newPartSaksi) internal {
        if (oldPartSaksi == newPartSaksi) return;
        _totals.push(clock(), SafeCast.toUint208(_totals.latest() - oldPartSaksi + newPartSaksi));
    }

    /* TO BE FILLED IN */

    function _poolCount() internal view virtual returns (uint256);
    function _activeSharesOf(address account, uint256 pool) internal view virtual returns (uint256);
}
