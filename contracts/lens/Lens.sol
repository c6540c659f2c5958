// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccountWordsLib} from "./AccountWordsLib.sol";
import {LensBoard} from "./LensBoard.sol";
import {LensHealth} from "./LensHealth.sol";
import {LensAddresses} from "./LensSources.sol";
import {PredictionWordsLib} from "./PredictionWordsLib.sol";

/// @title Lens
///
/// PROMISES
/// - Reads only. It holds nothing, nobody owns it, no contract knows it; what it knows is fixed at its deployment.
/// - Every answer is of the block it is asked in, from the contracts themselves. Every loop has a named bound.
/// - One value of `health()` is one invariant, pointer or role. What has to hold over time and leaves no trace in the
///   present state is not claimed here.
/// - A wrong pointer is told, not followed: only contracts named at the deployment are called.
///
/// DOES NOT PROMISE
/// - That the addresses it was given are right: compare `deployed()` with the deployment's record.
/// - Anything about mandates, models and epochs beyond the newest MAX_MANDATES, MAX_MODELS and MAX_EPOCHS.
/// - To follow a replacement. When the owner replaces policy, court, executor or guardian for good, a new lens is deployed.
contract Lens is LensBoard {
    constructor(LensAddresses memory deployed_) LensHealth(deployed_) {}

    /// @notice The contracts and accounts that this lens was told of; zero where the deployment has none.
    function deployed()
        external
        view
        returns (
            address validator,
            address policy,
            address registry,
            address quorum,
            address vault,
            address court,
            address attesterBonds,
            address allocator,
            address stakeVault,
            address governor,
            address owner,
            address guardian,
            address executor
        )
    {
        validator = _deployed.validator;
        policy = _deployed.policy;
        registry = _deployed.registry;
        quorum = _deployed.quorum;
        vault = _deployed.vault;
        court = _deployed.court;
        attesterBonds = _deployed.attesterBonds;
        allocator = _deployed.allocator;
        stakeVault = _deployed.stakeVault;
        governor = _deployed.governor;
        owner = _deployed.owner;
        guardian = _deployed.guardian;
        executor = _deployed.executor;
    }

    /* IN WORDS */

    /// @notice What happened to a prediction, what it may cost or brought, and what can happen next and until when.
    function explain(bytes32 id) external view returns (string memory) {
        return PredictionWordsLib.explain(_deployed, id);
    }

    /// @notice Where an epoch stands, what it brought, and what it waits for.
    function explainEpoch(uint32 epoch) external view returns (string memory) {
        return AccountWordsLib.explainEpoch(_deployed, epoch);
    }

    /// @notice What an account is and has here, and what it may do now.
    function explainAccount(address account) external view returns (string memory) {
        return AccountWordsLib.explainAccount(_deployed, account);
    }
}
