// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The one door through which every transport delivers a verdict.
interface IAttestationSink {
    /// @notice Delivers a 224-byte attestation payload about a registered prediction.
    /// @dev Reverts only for a caller that is no enabled adapter or a payload of the wrong length.
    /// Everything else is answered by a status (see the `Status` library) and an event.
    /// @param payload seven words, see `docs/contracts.md`.
    /// @return status 1 approved, 2 rejected, 10 and above: ignored, nothing recorded.
    function submit(bytes calldata payload) external returns (uint8 status);
}
