// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Prediction, Reveal} from "./Types.sol";

/// @notice What the court found about a disputed result.
enum Ruling {
    None,
    Upheld, // final as posted: the challenger loses
    Corrected, // final at another profit: who posted it loses
    Voided // no result stands; the declared loss and the penalty are booked, as for silence
}

/// @notice One dispute. Times are unix seconds.
struct Dispute {
    address challenger;
    uint40 reviewBy; // until then the other class of attesters answers and anyone may defend
    uint40 ruleBy; // from reviewBy until then the owner rules; afterwards the default applies
    Ruling ruling;
    bool wasExpired;
    address defender;
    bool paid;
    bool punished;
}

/// @title Disputes about results that are not final yet.
interface IDisputeCourt {
    event Challenged(
        bytes32 indexed id,
        address indexed challenger,
        uint256 bondUsdE6,
        uint64 reviewBy,
        uint64 ruleBy
    );
    event Defended(bytes32 indexed id, address indexed defender, uint256 bondUsdE6);
    /// @notice The statement says of its own fills what they add up to.
    event FillsConfirmed(bytes32 indexed id, address indexed by, uint256 fills);
    event Ruled(bytes32 indexed id, address indexed by, Ruling ruling, int256 postedPnlE8, int256 pnlE8);
    event BondsPaid(
        bytes32 indexed id,
        address indexed winner,
        uint256 toWinnerUsdE6,
        address indexed loser,
        uint256 toSinkUsdE6
    );
    event Punished(bytes32 indexed id, bytes32 indexed mandateId, uint256 slashedSaksi, address recipient);
    event ReviewerScheduled(address indexed newReviewer, uint64 applicableAt);
    event ReviewerChanged(address indexed oldReviewer, address indexed newReviewer);
    event StakeSet(address indexed stake, address indexed recipient);

    error CourtBadValue(uint256 given, uint256 limit);
    error CourtUnauthorised(address caller);
    error CourtNoDispute(bytes32 id);
    error CourtAlreadyDefended(bytes32 id, address defender);
    error CourtAlreadyRuled(bytes32 id, Ruling ruling);
    error CourtNotRuled(bytes32 id);
    error CourtAlreadyPaid(bytes32 id);
    error CourtTooEarly(uint256 nowAt, uint256 notBefore);
    error CourtTooLate(uint256 nowAt, uint256 notAfter);
    error CourtWrongPrediction(bytes32 given, bytes32 expected);
    error CourtBadStatement(uint8 word);
    error CourtBadReveal(bytes32 seal);
    error CourtWrongStatement(bytes14 given, bytes14 posted);
    error CourtWrongRoot(bytes32 given, bytes32 posted);
    error CourtBadRows(uint256 givenBytes, uint256 maxRows);
    error CourtNoViolation(bytes32 id);
    error CourtAlreadyPunished(bytes32 id);
    error CourtAlreadySet();

    /* BONDS */

    /// @notice Disputes a settled or expired prediction within its window, once, with `bondUsdE6` out of the caller's
    /// allowance. Open to anyone.
    function challenge(bytes32 id) external;
    /// @notice Takes the side of the posted result with an equal bond, until `reviewBy`. Open to anyone.
    function defend(bytes32 id) external;
    /// @notice Pays the bonds of a ruled dispute: the winner has its own and half of the loser's, the sink the rest.
    function payBonds(bytes32 id) external;

    /* RULINGS */

    /// @notice Adds up the fills of the posted statement. Sums that differ correct the result and the challenger wins;
    /// rows that are no round trip void it; sums that agree change nothing. Open to anyone until `ruleBy`.
    /// @param payload the settlement payload as it was posted.
    /// @param rows the fills behind its root, at most 32, see `FillsLib`.
    function proveFills(Prediction calldata p, Reveal calldata r, bytes calldata payload, bytes calldata rows)
        external;
    /// @notice The other class's statement about the trip (reviewer only, until `reviewBy`): the same profit upholds what
    /// was posted, another one corrects it. Signature of `IPredictionValidator.settle`, so that a `QuorumAttester` of
    /// that class can deliver here; the rounds are not read.
    /// @return status 3 settled
    function settle(
        Prediction calldata p,
        Reveal calldata r,
        bytes calldata payload,
        uint80 entryRound,
        uint80 exitRound
    ) external returns (uint8 status);
    /// @notice The same, that nothing was filled.
    /// @return status 4 cancelled
    function cancel(Prediction calldata p, bytes calldata payload) external returns (uint8 status);
    /// @notice The owner's ruling, between `reviewBy` and `ruleBy`.
    /// @param pnlE8 the corrected profit; read only for Corrected.
    function rule(bytes32 id, Ruling ruling, int256 pnlE8) external;
    /// @notice After `ruleBy`: a settlement nobody upheld is voided, an expiry nobody corrected stands. Open to anyone.
    function close(bytes32 id) external;

    /* PUNISHMENT */

    /// @notice Slashes `slashBps` of the stake that stood behind the mandate at the approval, once, for a prediction that is final with a violation
    /// flag or whose posted result did not stand. Open to anyone.
    function punish(bytes32 id) external;

    /* OWNER */

    /// @notice Announces the transport of the other class of attesters; anyone applies it after the delay (the first one
    /// at once).
    function scheduleReviewer(address newReviewer) external;
    function applyReviewer() external;
    /// @notice Names the stake that answers for violations and who receives what is slashed, once.
    function setStake(address stake, address recipient) external;

    /* VIEWS */

    function dispute(bytes32 id) external view returns (Dispute memory);
    /// @notice The validator's answer, for the reviewer's transport.
    function partiesOf(bytes32 mandateId, bytes32 modelId)
        external
        view
        returns (address executor, address operator, address publisher);
    function reviewer() external view returns (address);
    function bondUsdE6() external view returns (uint256);
    function sink() external view returns (address);
    /// @notice From a challenge to the time the default applies.
    function disputeSeconds() external view returns (uint64);
}

/// @notice What the court needs of the stake behind mandates.
interface ISlashableStake {
    function unbondingSeconds() external view returns (uint64);
    /// @notice What was staked on a mandate at `capturedAt` and can still be taken.
    function slashable(bytes32 mandateId, uint64 capturedAt) external view returns (uint256 amountSaksi);
    function slash(
        bytes32 mandateId,
        uint256 amountSaksi,
        uint64 capturedAt,
        address recipient,
        bytes32 reasonHash
    ) external returns (uint256 slashId, uint256 slashedSaksi);
}
