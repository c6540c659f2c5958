// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

enum ModelStatus {
    None,
    Proposed,
    Active,
    Revoked
}

struct Model {
    address publisher;
    ModelStatus status;
    uint64 activatableAt;
    bool isPrivate;
    uint32 index;
}

/// @title Which model (by content hash) may speak, and who signs for it.
interface IModelRegistry {
    event ModelProposed(
        bytes32 indexed modelId,
        address indexed publisher,
        uint32 index,
        bool isPrivate,
        uint64 activatableAt
    );
    event ModelActivated(bytes32 indexed modelId);
    event ModelRevoked(bytes32 indexed modelId, address indexed by);

    error RegistryModelExists(bytes32 modelId);
    error RegistryWrongStatus(bytes32 modelId, ModelStatus status);
    error RegistryTooEarly(uint256 nowAt, uint256 notBefore);
    error RegistryZeroPublisher();

    /// @notice Announces a model (owner). `modelId` is the content hash of weights, architecture and feature spec.
    /// `isPrivate`: its weights are not published, so it may predict under seal.
    function proposeModel(bytes32 modelId, address publisher, bool isPrivate) external;
    /// @notice Lets an announced model speak once `activationDelaySeconds` have passed. Open to anyone.
    function activateModel(bytes32 modelId) external;
    /// @notice Silences a model for good, at once (owner or guardian).
    function revokeModel(bytes32 modelId) external;

    function model(bytes32 modelId) external view returns (Model memory);
    /// @notice The hot path's view of a model.
    function publisherOf(bytes32 modelId) external view returns (address publisher, bool active, uint32 index);
    /// @notice True for a model whose weights are not published: only such a model may predict under seal.
    function isPrivate(bytes32 modelId) external view returns (bool);
    function isActiveAt(uint32 index) external view returns (bool);
    function modelAt(uint32 index) external view returns (bytes32);
    function modelCount() external view returns (uint256);
    function activationDelaySeconds() external view returns (uint64);
}
