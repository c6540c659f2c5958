// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Check} from "./Check.sol";
import {HealthLib} from "./HealthLib.sol";
import {LensAddresses} from "./LensSources.sol";
import {TextLib} from "./TextLib.sol";

/// @title The protocol's invariants, as far as its present state can show them.
abstract contract LensHealth {
    LensAddresses internal _deployed;

    string private constant NAMES =
        "d2SequenceEndsAtLastRecord;d2OpenPredictionsAreUnfinished;d6NothingIsOverdue;d6ClosedEpochsAreFinal;"
        "d7NothingOpenNothingReserved;d8ApprovedBeforeResult;r1OpenNotionalIsReserved;r2MaxLossIsReserved;"
        "r3BucketsAreOfThePast;r4BreakerStopsApprovals;r4WindDownStopsApprovals;r5PeakIsAtLeastProfit;"
        "a1QuorumIsMajority;a1QuorumIsComplete;a2ExecutorIsNoWitness;a2OperatorsAreNoWitnesses;"
        "a2PublishersAreNoWitnesses;a3ActiveModelsWereAnnounced;a4PeopleAreNoTransports;f1CashIsThere;f2BooksBalance;"
        "f4EntryIsNotBelowExit;f5SharesWaitInTheVault;f5ClaimsAreWithinCloses;f7MarkIsNotBelowPrice;"
        "f8CarryIsBelowOneUnit;f9BondIsThere;f11EpochsCloseInOrder;s1StakeIsThere;s1FeesAreThere;"
        "s2VotesAreLockedPastEffect;s3DisputeBondsAreThere;g1OwnerOwnsEverything;g1OnlyGovernorSchedules;"
        "g2GuardianIsTheGuardian;g2KeysAreApart;g3PauseEnds;wiredPolicy;wiredRegistry;wiredVault;wiredBond;"
        "wiredQuorum;wiredCourt;wiredAttesterBonds;wiredExecutor;wiredAllocator;wiredStake;wiredGovernance";

    constructor(LensAddresses memory deployed_) {
        _deployed = deployed_;
    }

    /// @notice Whether all of `health()` is true, and if not the name of the first that is false.
    function healthy() external view returns (bool ok, string memory firstBroken) {
        uint256 broken = HealthLib.broken(_deployed);
        if (broken == 0) return (true, "");
        uint256 first = 0;
        while ((broken >> first) & 1 == 0) ++first;
        return (false, TextLib.nth(NAMES, first));
    }

    /// @notice Every invariant that the present state can show, and every pointer and role of the deployment. The letter
    /// and number are those of docs/owners.md, which also says what no view can see. About contracts that the deployment
    /// does not have the answer is true.
    function health()
        external
        view
        returns (
            bool d2SequenceEndsAtLastRecord,
            bool d2OpenPredictionsAreUnfinished,
            bool d6NothingIsOverdue,
            bool d6ClosedEpochsAreFinal,
            bool d7NothingOpenNothingReserved,
            bool d8ApprovedBeforeResult,
            bool r1OpenNotionalIsReserved,
            bool r2MaxLossIsReserved,
            bool r3BucketsAreOfThePast,
            bool r4BreakerStopsApprovals,
            bool r4WindDownStopsApprovals,
            bool r5PeakIsAtLeastProfit,
            bool a1QuorumIsMajority,
            bool a1QuorumIsComplete,
            bool a2ExecutorIsNoWitness,
            bool a2OperatorsAreNoWitnesses,
            bool a2PublishersAreNoWitnesses,
            bool a3ActiveModelsWereAnnounced,
            bool a4PeopleAreNoTransports,
            bool f1CashIsThere,
            bool f2BooksBalance,
            bool f4EntryIsNotBelowExit,
            bool f5SharesWaitInTheVault,
            bool f5ClaimsAreWithinCloses,
            bool f7MarkIsNotBelowPrice,
            bool f8CarryIsBelowOneUnit,
            bool f9BondIsThere,
            bool f11EpochsCloseInOrder,
            bool s1StakeIsThere,
            bool s1FeesAreThere,
            bool s2VotesAreLockedPastEffect,
            bool s3DisputeBondsAreThere,
            bool g1OwnerOwnsEverything,
            bool g1OnlyGovernorSchedules,
            bool g2GuardianIsTheGuardian,
            bool g2KeysAreApart,
            bool g3PauseEnds,
            bool wiredPolicy,
            bool wiredRegistry,
            bool wiredVault,
            bool wiredBond,
            bool wiredQuorum,
            bool wiredCourt,
            bool wiredAttesterBonds,
            bool wiredExecutor,
            bool wiredAllocator,
            bool wiredStake,
            bool wiredGovernance
        )
    {
        uint256 broken = HealthLib.broken(_deployed);
        d2SequenceEndsAtLastRecord = _holds(broken, Check.D2Sequence);
        d2OpenPredictionsAreUnfinished = _holds(broken, Check.D2Open);
        d6NothingIsOverdue = _holds(broken, Check.D6Overdue);
        d6ClosedEpochsAreFinal = _holds(broken, Check.D6Closed);
        d7NothingOpenNothingReserved = _holds(broken, Check.D7Nothing);
        d8ApprovedBeforeResult = _holds(broken, Check.D8Approved);
        r1OpenNotionalIsReserved = _holds(broken, Check.R1Notional);
        r2MaxLossIsReserved = _holds(broken, Check.R2Loss);
        r3BucketsAreOfThePast = _holds(broken, Check.R3Bucket);
        r4BreakerStopsApprovals = _holds(broken, Check.R4Breaker);
        r4WindDownStopsApprovals = _holds(broken, Check.R4WindDown);
        r5PeakIsAtLeastProfit = _holds(broken, Check.R5Peak);
        a1QuorumIsMajority = _holds(broken, Check.A1Majority);
        a1QuorumIsComplete = _holds(broken, Check.A1Complete);
        a2ExecutorIsNoWitness = _holds(broken, Check.A2Executor);
        a2OperatorsAreNoWitnesses = _holds(broken, Check.A2Operators);
        a2PublishersAreNoWitnesses = _holds(broken, Check.A2Publishers);
        a3ActiveModelsWereAnnounced = _holds(broken, Check.A3Models);
        a4PeopleAreNoTransports = _holds(broken, Check.A4People);
        f1CashIsThere = _holds(broken, Check.F1Cash);
        f2BooksBalance = _holds(broken, Check.F2Books);
        f4EntryIsNotBelowExit = _holds(broken, Check.F4Prices);
        f5SharesWaitInTheVault = _holds(broken, Check.F5Shares);
        f5ClaimsAreWithinCloses = _holds(broken, Check.F5Claims);
        f7MarkIsNotBelowPrice = _holds(broken, Check.F7Mark);
        f8CarryIsBelowOneUnit = _holds(broken, Check.F8Carry);
        f9BondIsThere = _holds(broken, Check.F9Bond);
        f11EpochsCloseInOrder = _holds(broken, Check.F11Order);
        s1StakeIsThere = _holds(broken, Check.S1Stake);
        s1FeesAreThere = _holds(broken, Check.S1Fees);
        s2VotesAreLockedPastEffect = _holds(broken, Check.S2Votes);
        s3DisputeBondsAreThere = _holds(broken, Check.S3Bonds);
        g1OwnerOwnsEverything = _holds(broken, Check.G1Owner);
        g1OnlyGovernorSchedules = _holds(broken, Check.G1Governor);
        g2GuardianIsTheGuardian = _holds(broken, Check.G2Guardian);
        g2KeysAreApart = _holds(broken, Check.G2Keys);
        g3PauseEnds = _holds(broken, Check.G3Pause);
        wiredPolicy = _holds(broken, Check.WiredPolicy);
        wiredRegistry = _holds(broken, Check.WiredRegistry);
        wiredVault = _holds(broken, Check.WiredVault);
        wiredBond = _holds(broken, Check.WiredBond);
        wiredQuorum = _holds(broken, Check.WiredQuorum);
        wiredCourt = _holds(broken, Check.WiredCourt);
        wiredAttesterBonds = _holds(broken, Check.WiredBonds);
        wiredExecutor = _holds(broken, Check.WiredExecutor);
        wiredAllocator = _holds(broken, Check.WiredAllocator);
        wiredStake = _holds(broken, Check.WiredStake);
        wiredGovernance = _holds(broken, Check.WiredGovernance);
    }

    function _holds(uint256 broken, Check check) private pure returns (bool) {
        return (broken >> uint256(check)) & 1 == 0;
    }
}
