// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {QueueLib} from "../libraries/QueueLib.sol";
import {IERC7540Deposit, IERC7540Operator, IERC7540Redeem} from "./IERC7540.sol";
import {IPredictionValidator} from "./IPredictionValidator.sol";

/// @notice What a fund starts with. The four of the second group may be changed by the owner.
struct VaultParams {
    bytes32 venueAccountHash; // the account whose equity the statements are about
    address venueDeposit; // where cash is sent while no allocator is named
    address stakers; // receives the stakers' part of the fee
    address treasury;
    uint64 venueCapUsdE6;
    uint64 residualToleranceE8;
    uint64 silenceSeconds; // without a close for so long after a snapshot, anyone may start the wind-down
    uint64 minDepositUsdE6; // of one request
    uint64 maxDepositUsdE6; // of one account's requests of an epoch
    uint16 redeemCapBps; // of the supply, served in an epoch
    uint16 minBondBps; // bond as a share of what is at the venue
    uint16 performanceFeeBps;
    uint16 operatorShareBps; // of the fee
    uint16 stakersShareBps; // of the fee; the treasury has the rest
}

/// @title The depositors' money and the cash at the venue: an ERC-7540 vault whose request id is the epoch.
interface IFundVault is IERC4626, IERC165, IERC7540Operator, IERC7540Deposit, IERC7540Redeem {
    event Seeded(address indexed depositor, uint256 amountUsdE6, uint256 shares);
    event DepositRequestCancelled(address indexed controller, uint256 indexed requestId, uint256 amountUsdE6);
    event RedeemRequestCancelled(address indexed controller, uint256 indexed requestId, uint256 shares);
    event SentToVenue(address indexed venueDeposit, uint256 amountUsdE6, int256 oldAtVenueE8, int256 newAtVenueE8);
    event ReturnRecorded(address indexed from, uint256 amountUsdE6, int256 oldAtVenueE8, int256 newAtVenueE8);
    event VenueDepositChanged(address indexed oldVenueDeposit, address indexed newVenueDeposit);
    event VenueCapChanged(uint256 oldCapUsdE6, uint256 newCapUsdE6);
    event DepositLimitsChanged(uint256 oldMinUsdE6, uint256 newMinUsdE6, uint256 oldMaxUsdE6, uint256 newMaxUsdE6);
    event RedeemCapChanged(uint256 oldCapBps, uint256 newCapBps);
    event PerformanceFeeChanged(uint256 oldBps, uint256 newBps, uint32 fromEpoch);
    event AllocatorSet(address indexed allocator);
    event FeeClaimed(address indexed to, uint8 indexed account, uint256 amountUsdE6);
    event BreakerRefused(address indexed policy, uint8 cause);
    event WindDownStarted(address indexed by, bool afterSilence);
    event BondCalled(uint256 receivableUsdE6, uint256 paidUsdE6);
    event PaidInWindDown(address indexed holder, uint256 shares, uint256 amountUsdE6);
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
    error VaultAlreadySet();
    error VaultBadBond(address bondVault);
    error VaultVenueUnset();
    error VaultVenueCap(uint256 atVenueUsdE6, uint256 capUsdE6);
    error VaultBondTooLow(uint256 bondUsdE6, uint256 neededUsdE6);
    error VaultInsufficientIdle(uint256 wantedUsdE6, uint256 idleUsdE6);
    error VaultInsufficientFees(uint256 wantedUsdE6, uint256 owedUsdE6);
    error VaultDepositLimit(uint256 givenUsdE6, uint256 minUsdE6, uint256 maxUsdE6);
    error VaultNothingToClaim(address account, uint32 epoch);
    error VaultExceedsClaimable(uint256 wanted, uint256 claimable);
    error VaultRequestPending(address account, uint32 epoch);
    error VaultEpochNotClosed(uint32 epoch);
    error VaultCutOffPassed(uint32 epoch);
    error VaultTooEarly(uint256 nowAt, uint256 notBefore);
    error VaultBadStatement(uint8 word);
    error VaultBadBps(uint256 given, uint256 limit);
    error VaultPreviewUnsupported();
    error VaultWindingDown();
    error VaultNotWindingDown();

    /* DEPOSITORS */

    /// @notice Shares at once, one for one, while nothing was ever sent to the venue and the first epoch runs.
    function seedUsdE6(uint256 amountUsdE6) external returns (uint256 shares);
    /// @notice `requestDeposit` for oneself.
    function requestDepositUsdE6(uint256 amountUsdE6) external returns (uint256 requestId);
    /// @notice Takes the money of a request back: until the epoch's snapshot, and whenever its close priced no deposit.
    function cancelDepositRequest() external returns (uint256 amountUsdE6);
    /// @notice Takes all shares of one's priced request.
    function claimShares() external returns (uint256 shares);
    /// @notice `requestRedeem` for oneself.
    function requestRedeemShares(uint256 shares) external returns (uint256 requestId);
    /// @notice Takes shares back: until the epoch's snapshot all, in a wind-down whatever is not served.
    function cancelRedeemRequest() external returns (uint256 shares);
    /// @notice Takes all cash of what is served of one's request.
    function claimRedeem() external returns (uint256 amountUsdE6);
    /// @notice Burns shares for their part of the free cash, during a wind-down only. What comes later is not paid for
    /// burnt shares.
    function redeemInWindDown(uint256 shares) external returns (uint256 amountUsdE6);

    /* EXECUTOR, OR THE ALLOCATOR ONCE IT IS NAMED */

    /// @notice Sends idle cash to `venueDeposit`, under the cap (executor).
    function sendToVenue(uint256 amountUsdE6) external;
    /// @notice Takes cash back out of the caller's allowance (executor or venue deposit address).
    function recordReturn(uint256 amountUsdE6) external;
    /// @notice Sends idle cash to an address the allocator vouches for, under the cap (allocator).
    function sendToVenueAddress(address to, uint256 amountUsdE6) external;
    /// @notice Takes cash back out of the allowance of an account the allocator vouches for (allocator).
    function recordReturnFrom(address from, uint256 amountUsdE6) external;

    /* CLOSE, FEES, WIND-DOWN */

    /// @notice Closes the running epoch with the quorum's statement (attester only); seven words, see docs.
    function closeEpoch(bytes calldata payload) external;
    /// @notice Pays a fee account from free cash. `account` 0 operator, 1 stakers, 2 treasury.
    function claimFees(uint8 account, uint256 amountUsdE6) external;
    /// @notice Ends the fund's business for good: the owner at any time, anyone after the named silence. No new risk, no
    /// deposit, nothing to the venue; whoever holds shares is paid in proportion from the cash that is there.
    function startWindDown() external;
    /// @notice After the named silence, in a wind-down: the bond pays for what has not come back from the venue.
    function callBond() external returns (uint256 paidUsdE6);

    /* OWNER */

    function setVenueDeposit(address venueDeposit) external;
    function setVenueCapUsdE6(uint256 venueCapUsdE6) external;
    /// @notice Once: from then on cash moves to and from the venue through the allocator alone.
    function setAllocator(address allocator) external;
    function setDepositLimitsUsdE6(uint256 minDepositUsdE6, uint256 maxDepositUsdE6) external;
    function setRedeemCapBps(uint256 redeemCapBps) external;
    /// @notice At most 5000, from the epoch after the one that takes requests now.
    function setPerformanceFeeBps(uint256 performanceFeeBps) external;

    /* VIEWS */

    function operator() external view returns (address);
    function validator() external view returns (IPredictionValidator);
    function bond() external view returns (address);
    function allocator() external view returns (address);
    function bondUsdE6() external view returns (uint256);
    /// @notice What the bond may not fall below: a share of the cash at the venue, in a wind-down all of it.
    function neededBondUsdE6() external view returns (uint256);
    /// @notice Cash of the fund, out of which redemptions and fees are paid; bond and unpriced deposits are apart.
    function idleUsdE6() external view returns (uint256);
    /// @notice Deposits that have no price: waiting for one, or to be taken back.
    function pendingDepositsE6() external view returns (uint256);
    function redemptionsOwedE6() external view returns (uint256);
    /// @notice Venue equity as the books have it: the last attested one plus transfers since; results enter at a close.
    function receivableAtVenueE8() external view returns (int256);
    function totalAssetsE6() external view returns (uint256);
    function sharePriceE18() external view returns (uint256);
    function feesOwedE6(uint8 account) external view returns (uint256);
    function carryE8() external view returns (uint256);
    /// @notice Of the assets, what no final result explains: the exit price is without it until the breaker is reset.
    function unexplainedUsdE6() external view returns (uint256);
    function highWaterMarkE18() external view returns (uint256);
    function performanceFeeBps() external view returns (uint256);
    /// @notice Limits of the words a depositor meets: of a request, of an epoch, and whether the fund is ending.
    function depositTerms()
        external
        view
        returns (uint256 minDepositUsdE6, uint256 maxDepositUsdE6, uint256 redeemCapBps, bool windingDown);
    /// @notice An epoch's requests, its price, and how far the line of redemptions reached, was served and was worth.
    function epochOf(uint32 number) external view returns (QueueLib.Epoch memory);
    function transfersOf(uint32 epoch) external view returns (uint256 sentUsdE6, uint256 returnedUsdE6);
    function epochDomain() external view returns (bytes32);
    /// @notice ERC-7575: the share token is the vault itself.
    function share() external view returns (address);
}
