// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IModelRegistry, Model, ModelStatus} from "../interfaces/IModelRegistry.sol";
import {Guarded} from "./Guarded.sol";

/// @title ModelRegistry
///
/// PROMISES. A model is a content hash; it has one publisher, for ever. A model speaks only after it was announced and
/// the delay has passed, so that whoever disagrees can leave first. A revoked model never speaks again: the same
/// weights need a new announcement under a new hash of their manifest.
///
/// DOES NOT PROMISE. That a model is good, that its hash is of what it claims (attesters load by hash and check), or
/// that a private model's weights exist. Replacing a model touches no other contract.
contract ModelRegistry is IModelRegistry, Guarded {
    struct Entry {
        address publisher;
        uint40 activatableAt;
        uint32 index;
        ModelStatus status;
        bool isPrivate;
    }

    /// @inheritdoc IModelRegistry
    uint64 public immutable activationDelaySeconds;

    mapping(bytes32 modelId => Entry) private _models;
    bytes32[] private _ids;

    constructor(address owner_, address guardian_, uint64 activationDelaySeconds_) Guarded(owner_, guardian_) {
        activationDelaySeconds = activationDelaySeconds_;
    }

    /// @inheritdoc IModelRegistry
    function proposeModel(bytes32 modelId, address publisher, bool isPrivate) external onlyOwner {
        if (_models[modelId].status != ModelStatus.None) revert RegistryModelExists(modelId);
        if (publisher == address(0)) revert RegistryZeroPublisher();
        uint64 activatableAt = uint64(block.timestamp) + activationDelaySeconds;
        uint32 index = uint32(_ids.length);
        _ids.push(modelId);
        _models[modelId] = Entry(publisher, uint40(activatableAt), index, ModelStatus.Proposed, isPrivate);
        emit ModelProposed(modelId, publisher, index, isPrivate, activatableAt);
    }

    /// @inheritdoc IModelRegistry
    function activateModel(bytes32 modelId) external {
        Entry storage entry = _models[modelId];
        if (entry.status != ModelStatus.Proposed) revert RegistryWrongStatus(modelId, entry.status);
        if (block.timestamp < entry.activatableAt) revert RegistryTooEarly(block.timestamp, entry.activatableAt);
        entry.status = ModelStatus.Active;
        emit ModelActivated(modelId);
    }

    /// @inheritdoc IModelRegistry
    function revokeModel(bytes32 modelId) external onlyGuardianOrOwner {
        Entry storage entry = _models[modelId];
        if (entry.status == ModelStatus.None || entry.status == ModelStatus.Revoked) {
            revert RegistryWrongStatus(modelId, entry.status);
        }
        entry.status = ModelStatus.Revoked;
        emit ModelRevoked(modelId, msg.sender);
    }

    /// @inheritdoc IModelRegistry
    function model(bytes32 modelId) external view returns (Model memory) {
        Entry memory entry = _models[modelId];
        return Model(entry.publisher, entry.status, entry.activatableAt, entry.isPrivate, entry.index);
    }

    /// @inheritdoc IModelRegistry
    function publisherOf(bytes32 modelId) external view returns (address publisher, bool active, uint32 index) {
        Entry storage entry = _models[modelId];
        return (entry.publisher, entry.status == ModelStatus.Active, entry.index);
    }

    /// @inheritdoc IModelRegistry
    function isPrivate(bytes32 modelId) external view returns (bool) {
        return _models[modelId].isPrivate;
    }

    /// @inheritdoc IModelRegistry
    function isActiveAt(uint32 index) external view returns (bool) {
        return _models[_ids[index]].status == ModelStatus.Active;
    }

    /// @inheritdoc IModelRegistry
    function modelAt(uint32 index) external view returns (bytes32) {
        return _ids[index];
    }

    /// @inheritdoc IModelRegistry
    function modelCount() external view returns (uint256) {
        return _ids.length;
    }
}
