// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The operator's first loss, held apart from the fund's cash.
interface IBondVault {
    event VaultSet(address indexed vault);
    event BondChanged(address indexed operator, uint256 oldBondUsdE6, uint256 newBondUsdE6);
    event BondReleaseRequested(address indexed operator, uint256 amountUsdE6, uint64 releasableAt);
    event LossAbsorbed(uint256 lossUsdE6, uint256 paidUsdE6, uint256 newBondUsdE6);

    error BondUnauthorised(address caller);
    error BondZeroAmount();
    error BondInsufficient(uint256 wantedUsdE6, uint256 bondUsdE6);
    error BondTooLow(uint256 bondUsdE6, uint256 neededUsdE6);
    error BondTooEarly(uint256 nowAt, uint256 notBefore);
    error BondEpochOpen(uint32 epoch);

    /// @notice Names the fund the bond answers to, once (deployer only).
    function setVault(address vault) external;
    /// @notice Adds to the bond (operator only).
    function postBond(uint256 amountUsdE6) external;
    /// @notice Starts the release of bond; it answers for losses until it is out and backs no new risk from now on. A new
    /// request replaces the old one; one of zero takes it back.
    function requestRelease(uint256 amountUsdE6) external;
    /// @notice Pays what was asked for and is still there, once the epoch of the request is distributed (or the fund winds
    /// down), if what stays is enough for the cash at the venue.
    function releaseBond() external returns (uint256 amountUsdE6);
    /// @notice Pays a loss to the fund as far as the bond goes (vault only), bond on its way out included.
    function absorbLoss(uint256 lossUsdE6) external returns (uint256 paidUsdE6);

    function asset() external view returns (address);
    function vault() external view returns (address);
    function operator() external view returns (address);
    function bondUsdE6() external view returns (uint256);
    function bondReleasingUsdE6() external view returns (uint256);
    /// @notice The bond less what is on its way out: what new risk may rest on.
    function committedBondUsdE6() external view returns (uint256);
    function releasableAt() external view returns (uint64);
    function releaseDelaySeconds() external view returns (uint64);
}
