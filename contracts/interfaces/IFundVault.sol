// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The constants of a fund.
struct VaultParams {
    bytes32 venueAccountHash; // the account whose equity the statements are about
    address venueDeposit; // the only address cash is sent to
    address stakers; // receives the stakers' part of the fee
    address treasury;
    uint64 venueCapUsdE6;
    uint64 residualToleranceE8;
    uint64 bondReleaseDelaySeconds;
    uint16 minBondBps; // bond as a share of what is at the venue
    uint16 performanceFeeBps;
    uint16 operatorShareBps; // of the fee
    uint16 stakersShareBps; // of the fee; the treasury has the rest
}

/// @title The depositors' money, the operator's bond and the cash at the venue.
interface IFundVault {
    event Deposited(address indexed depositor, uint256 amountUsdE6, uint256 shares);
    event DepositRequested(address indexed depositor, uint32 indexed epoch, uint256 amountUsdE6);
    event DepositCancelled(address indexed depositor, uint32 indexed epoch, uint256 amountUsdE6);
    event SharesClaimed(address indexed depositor, uint32 indexed epoch, uint256 amountUsdE6, uint256 shares);
    event RedeemRequested(address indexed depositor, uint32 indexed epoch, uint256 shares);
    event RedeemClaimed(address indexed depositor, uint32 indexed epoch, uint256 shares, uint256 amountUsdE6);
    event BondChanged(address indexed operator, uint256 oldBondUsdE6, uint256 newBondUsdE6);
    event BondReleaseRequested(address indexed operator, uint256 amountUsdE6, uint64 releasableAt);
    event SentToVenue(address indexed venueDeposit, uint256 amountUsdE6, int256 oldAtVenueE8, int256 newAtVenueE8);
    event ReturnRecorded(address indexed from, uint256 amountUsdE6, int256 oldAtVenueE8, int256 newAtVenueE8);
    event VenueDepositChanged(address indexed oldVenueDeposit, address indexed newVenueDeposit);
    event VenueCapChanged(uint256 oldCapUsdE6, uint256 newCapUsdE6);
    event FeeClaimed(address indexed to, uint8 indexed account, uint256 amountUsdE6);
    event EpochClosed(
        uint32 indexed epoch,
        int256 venueEquityE8,
        int256 expectedEquityE8,
        int256 residualE8,
        bool breakerTripped,
        uint256 totalAssetsE6,
        uint256 totalShares,
        uint256 highWaterMarkE18
    );
    event Distributed(
        uint32 indexed epoch,
        int256 pnlE6,
        uint256 bondPaidE6,
        uint256 feeOperatorE6,
        uint256 feeStakersE6,
        uint256 feeTreasuryE6,
        int256 depositorsE6,
        int256 residualE8,
        uint256 carryE8
    );

    error VaultUnauthorised(address caller);
    error VaultZeroAmount();
    error VaultAlreadyTrading();
    error VaultVenueUnset();
    error VaultVenueCap(uint256 atVenueUsdE6, uint256 capUsdE6);
    error VaultBondTooLow(uint256 bondUsdE6, uint256 neededUsdE6);
    error VaultInsufficientIdle(uint256 wantedUsdE6, uint256 idleUsdE6);
    error VaultInsufficientBond(uint256 wantedUsdE6, uint256 bondUsdE6);
    error VaultInsufficientShares(uint256 wanted, uint256 held);
    error VaultInsufficientFees(uint256 wantedUsdE6, uint256 owedUsdE6);
    error VaultNothingToClaim(address account, uint32 epoch);
    error VaultRequestPending(address account, uint32 epoch);
    error VaultEpochNotClosed(uint32 epoch);
    error VaultCutOffPassed(uint32 epoch);
    error VaultTooEarly(uint256 nowAt, uint256 notBefore);
    error VaultBadStatement(uint8 word);
    error VaultBadBps(uint256 given, uint256 limit);

    /* DEPOSITORS */

    /// @notice Shares at once, one for one, while nothing was ever sent to the venue.
    function deposit(uint256 amountUsdE6) external returns (uint256 shares);
    /// @notice Asks for shares at the price of the running epoch's close.
    function requestDeposit(uint256 amountUsdE6) external;
    /// @notice Takes a request back until the epoch's snapshot.
    function cancelDeposit() external;
    function claimShares() external returns (uint256 shares);
    /// @notice Gives shares back at the price of the running epoch's close.
    function requestRedeem(uint256 shares) external;
    function claimRedeem() external returns (uint256 amountUsdE6);

    /* OPERATOR */

    /// @notice Adds to the first-loss bond (operator only).
    function postBond(uint256 amountUsdE6) external;
    /// @notice Starts the release of bond; it answers for losses until it is out.
    function requestBondRelease(uint256 amountUsdE6) external;
    function releaseBond() external;

    /* EXECUTOR */

    /// @notice Sends idle cash to the whitelisted venue deposit address, under the cap.
    function sendToVenue(uint256 amountUsdE6) external;
    /// @notice Takes cash back from the venue out of the caller's allowance (executor or venue deposit address).
    function recordReturn(uint256 amountUsdE6) external;

    /* CLOSE AND FEES */

    /// @notice Closes the running epoch with the quorum's statement (attester only); seven words, see docs.
    function closeEpoch(bytes calldata payload) external;
    /// @notice Pays a fee account from idle cash. `account` 0 operator, 1 stakers, 2 treasury.
    function claimFees(uint8 account, uint256 amountUsdE6) external;

    /* OWNER */

    function setVenueDeposit(address venueDeposit) external;
    function setVenueCapUsdE6(uint256 venueCapUsdE6) external;

    /* VIEWS */

    function operator() external view returns (address);
    function bondUsdE6() external view returns (uint256);
    function bondReleasingUsdE6() external view returns (uint256);
    /// @notice Cash of the fund, out of which redemptions and fees are paid; bond and unpriced deposits are apart.
    function idleUsdE6() external view returns (uint256);
    function pendingDepositsE6() external view returns (uint256);
    function redemptionsOwedE6() external view returns (uint256);
    /// @notice Venue equity as the books have it: the last attested one plus transfers since; results enter at a close.
    function receivableAtVenueE8() external view returns (int256);
    function totalAssetsE6() external view returns (uint256);
    function totalShares() external view returns (uint256);
    function sharesOf(address account) external view returns (uint256);
    function sharePriceE18() external view returns (uint256);
    function feesOwedE6(uint8 account) external view returns (uint256);
    function carryE8() external view returns (uint256);
    function highWaterMarkE18() external view returns (uint256);
    function residualE8(uint32 epoch) external view returns (int256);
    function transfersOf(uint32 epoch) external view returns (uint256 sentUsdE6, uint256 returnedUsdE6);
    function epochDomain() external view returns (bytes32);
}
