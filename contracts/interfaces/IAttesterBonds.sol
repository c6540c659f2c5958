// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What attesters stand to lose for saying two things.
interface IAttesterBonds {
    event BondPosted(address indexed signer, address indexed from, uint256 oldBondUsdE6, uint256 newBondUsdE6);
    event BondReleaseRequested(address indexed signer, uint256 amountUsdE6, uint64 releasableAt);
    event BondReleased(address indexed signer, uint256 amountUsdE6);
    /// @notice Two verdicts of one signer on one prediction were shown; the bond is gone.
    event EquivocationProved(
        address indexed signer,
        bytes32 indexed predictionId,
        address indexed reporter,
        uint256 slashedUsdE6,
        uint256 toReporterUsdE6
    );

    error BondsZeroAmount();
    error BondsUnbondingTooShort(uint256 givenSeconds, uint256 neededSeconds);
    error BondsInsufficient(uint256 wantedUsdE6, uint256 freeUsdE6);
    error BondsTooEarly(uint256 nowAt, uint256 notBefore);
    error BondsBadPayload(uint256 given, uint256 expected);
    error BondsWrongDomain(bytes32 given, bytes32 expected);
    error BondsSameVerdict(bytes32 payloadHash);
    error BondsOtherPrediction(bytes32 idA, bytes32 idB);
    error BondsBadSignature();
    error BondsOtherSigner(address signerA, address signerB);
    error BondsNothingAtStake(address signer);

    /// @notice Adds to a signer's bond, out of the caller's allowance. Open to anyone.
    function postBond(address signer, uint256 amountUsdE6) external;
    /// @notice Starts the release of the caller's bond; it stays liable until it is out. A member of the set keeps at
    /// least `minBondUsdE6`. A second request before the first is out starts the wait again for both.
    function requestRelease(uint256 amountUsdE6) external;
    /// @notice Pays out what was requested `unbondingSeconds` ago.
    function release() external;
    /// @notice Takes the whole bond of a signer who signed two different verdicts on one prediction, pays half to the
    /// caller and half to the sink, and removes the signer from the set. Open to anyone.
    /// @param setEpochA the number of the signer set that `signatureA` names.
    function proveEquivocation(
        bytes calldata payloadA,
        uint64 setEpochA,
        bytes calldata signatureA,
        bytes calldata payloadB,
        uint64 setEpochB,
        bytes calldata signatureB
    ) external;

    /// @notice True for an account with at least `minBondUsdE6` that is not on its way out.
    function isBonded(address signer) external view returns (bool);
    /// @notice What `signer` can lose: all that was posted and is not paid out.
    function bondUsdE6(address signer) external view returns (uint256);
    function releasing(address signer) external view returns (uint256 amountUsdE6, uint64 releasableAt);
    function minBondUsdE6() external view returns (uint256);
    function unbondingSeconds() external view returns (uint64);
    function sink() external view returns (address);
}
