// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IFundVault} from "../interfaces/IFundVault.sol";
import {QueueLib} from "../libraries/QueueLib.sol";

/// @notice What a deployment says is there. Zero stands for a contract that the deployment does not have.
struct LensAddresses {
    address validator;
    address policy;
    address registry;
    address quorum;
    address vault;
    address court; // may be zero
    address attesterBonds; // may be zero
    address allocator; // may be zero
    address stakeVault; // may be zero
    address governor; // may be zero; where it is there, the owner is its timelock
    address owner;
    address guardian;
    address executor;
}

// Getters that a lens reads and that no interface of these contracts has: public state, most of it immutable.

interface IOwnedSource {
    function owner() external view returns (address);
    function guardian() external view returns (address);
}

interface IPolicySource {
    function bondSource() external view returns (address);
    function maxPauseSeconds() external view returns (uint64);
}

interface IFundSource {
    function validator() external view returns (address);
    function attester() external view returns (address);
    function venueCapUsdE6() external view returns (uint64);
}

interface IQuorumSource {
    function validator() external view returns (address);
    function vault() external view returns (address);
}

interface ICourtSource {
    function asset() external view returns (address);
    function validator() external view returns (address);
    function stake() external view returns (address);
}

interface IAttesterBondsSource {
    function asset() external view returns (address);
    function validator() external view returns (address);
    function quorum() external view returns (address);
}

interface IAllocatorSource {
    function vault() external view returns (address);
    function validator() external view returns (address);
}

interface IStakeSource {
    function saksi() external view returns (address);
    function asset() external view returns (address);
    function getVotes(address account) external view returns (uint256);
    function delegates(address account) external view returns (address);
}

interface IGovernorSource {
    function timelock() external view returns (address);
    function token() external view returns (address);
    function proposals() external view returns (address);
    function proposalGuardian() external view returns (address);
    function longestLifeSeconds() external view returns (uint256);
    function LOCK_MARGIN_SECONDS() external view returns (uint256);
}

interface IProposalsSource {
    function governor() external view returns (address);
    function validator() external view returns (address);
    function quorumAttester() external view returns (address);
    function stakeVault() external view returns (address);
}

interface ITimelockSource {
    function PROPOSER_ROLE() external view returns (bytes32);
    function DEFAULT_ADMIN_ROLE() external view returns (bytes32);
    function hasRole(bytes32 role, address account) external view returns (bool);
}

/// @title How far a lens looks, and the figures that more than one of its parts reads.
library LensLib {
    /// @notice The longest page of a list.
    uint256 internal constant MAX_PAGE = 32;
    /// @notice How many mandates are looked at, the newest first.
    uint256 internal constant MAX_MANDATES = 16;
    /// @notice How many models are looked at, the newest first.
    uint256 internal constant MAX_MODELS = 16;
    /// @notice How many epochs are looked at, the latest first.
    uint256 internal constant MAX_EPOCHS = 16;
    /// @dev Belong to nobody; the fund mints them to itself at its birth.
    uint256 internal constant DEAD_SHARES = 1;

    /// @dev Newest first is counted down from `count` to this, exclusive.
    function oldest(uint256 count, uint256 limit) internal pure returns (uint256) {
        return count > limit ? count - limit : 0;
    }

    function feesOwedE6(IFundVault vault) internal view returns (uint256) {
        return vault.feesOwedE6(0) + vault.feesOwedE6(1) + vault.feesOwedE6(2);
    }

    /// @notice Shares asked back and not served, of closed epochs and of those that take requests.
    function waitingShares(IFundVault vault, uint32 currentEpoch) internal view returns (uint256) {
        QueueLib.Epoch memory last = vault.epochOf(currentEpoch - 1);
        return Math.saturatingSub(last.requestedShares, last.servedShares)
            + vault.epochOf(currentEpoch).requestedShares + vault.epochOf(currentEpoch + 1).requestedShares;
    }
}
