// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Dispute, IDisputeCourt, ISlashableStake, Ruling} from "../interfaces/IDisputeCourt.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {IRiskPolicy} from "../interfaces/IRiskPolicy.sol";
import {Prediction, Record, Reveal, State} from "../interfaces/Types.sol";
import {FillsLib} from "../libraries/FillsLib.sol";
import {PayloadLib} from "../libraries/PayloadLib.sol";
import {SettlementFlags} from "../libraries/SettlementFlags.sol";
import {SettlementLib} from "../libraries/SettlementLib.sol";
import {Status} from "../libraries/Status.sol";

/// @title DisputeCourt
///
/// PROMISES
/// - Anyone may dispute a result before it is final, once, by posting the bond; anyone may defend it with another one.
/// - The ladder is fixed: arithmetic first (`proveFills`, nobody judges), then the other class of attesters until
///   `reviewBy`, then the owner until `ruleBy`, then the default. So every dispute ends, and no epoch waits for ever.
/// - The default is against whoever has to prove something: a settlement nobody upheld is voided, an expiry nobody
///   corrected stands. A void result books the declared loss and the penalty (or the posted loss if that was worse):
///   nobody can wipe out a loss by leaving a dispute open.
/// - The winner has its own bond back and half of the loser's, the sink has the rest; what is paid is what was posted.
///   Payment is apart from the ruling: an account that cannot be paid holds up nothing but its own bond.
/// - A violation that was flagged, or a result that did not stand, costs the stake behind the mandate a fixed share, once.
///
/// DOES NOT PROMISE
/// - That the other class or the owner is right; the owner should be a timelock, and the class disjoint from the first.
/// - That a defended or undefended side was sincere: whoever challenges its own result loses half of a bond to the sink.
/// - Anything about a result after its window. Fills that the venue invented are beyond arithmetic.
/// - That a disputed expiry can still be corrected by the first class: its late proof must come before the challenge.
/// - Support for assets that charge on transfer or rebase.
contract DisputeCourt is IDisputeCourt, Ownable2Step {
    using SafeERC20 for IERC20;
    using PayloadLib for bytes;

    uint256 private constant BPS = 1e4;
    uint256 private constant MAX_DISPUTE_SECONDS = 60 days; // the validator's limit

    IERC20 public immutable asset;
    IPredictionValidator public immutable validator;
    /// @inheritdoc IDisputeCourt
    address public immutable sink;
    /// @inheritdoc IDisputeCourt
    uint256 public immutable bondUsdE6;
    uint64 public immutable reviewSeconds;
    uint64 public immutable rulingSeconds;
    uint64 public immutable reviewerDelaySeconds;
    uint256 public immutable slashBps;

    /// @inheritdoc IDisputeCourt
    address public reviewer;
    address public nextReviewer;
    uint64 public nextReviewerAt;
    ISlashableStake public stake;
    address public slashRecipient;

    mapping(bytes32 id => Dispute) private _disputes;

    /// @param sink_ where the burnt half of a lost bond goes, for good.
    /// @param slashBps_ share of the stake behind a mandate that a violation costs.
    constructor(
        address owner_,
        address asset_,
        address validator_,
        address sink_,
        uint256 bondUsdE6_,
        uint64 reviewSeconds_,
        uint64 rulingSeconds_,
        uint64 reviewerDelaySeconds_,
        uint16 slashBps_
    ) Ownable(owner_) {
        if (slashBps_ > BPS) revert CourtBadValue(slashBps_, BPS);
        uint256 total = uint256(reviewSeconds_) + rulingSeconds_;
        if (total > MAX_DISPUTE_SECONDS) revert CourtBadValue(total, MAX_DISPUTE_SECONDS);
        asset = IERC20(asset_);
        validator = IPredictionValidator(validator_);
        sink = sink_;
        bondUsdE6 = bondUsdE6_;
        reviewSeconds = reviewSeconds_;
        rulingSeconds = rulingSeconds_;
        reviewerDelaySeconds = reviewerDelaySeconds_;
        slashBps = slashBps_;
    }

    /* BONDS */

    /// @inheritdoc IDisputeCourt
    function challenge(bytes32 id) external {
        Dispute storage d = _disputes[id];
        d.challenger = msg.sender;
        uint40 reviewBy = uint40(block.timestamp + reviewSeconds);
        uint40 ruleBy = uint40(reviewBy + rulingSeconds);
        (d.reviewBy, d.ruleBy) = (reviewBy, ruleBy);
        // refuses all but a provisional result
        d.wasExpired = validator.openDispute(id, ruleBy) == State.Expired;
        emit Challenged(id, msg.sender, bondUsdE6, reviewBy, ruleBy);
        asset.safeTransferFrom(msg.sender, address(this), bondUsdE6);
    }

    /// @inheritdoc IDisputeCourt
    function defend(bytes32 id) external {
        Dispute storage d = _open(id);
        if (d.defender != address(0)) revert CourtAlreadyDefended(id, d.defender);
        if (block.timestamp >= d.reviewBy) revert CourtTooLate(block.timestamp, d.reviewBy);
        d.defender = msg.sender;
        emit Defended(id, msg.sender, bondUsdE6);
        asset.safeTransferFrom(msg.sender, address(this), bondUsdE6);
    }

    /// @inheritdoc IDisputeCourt
    function payBonds(bytes32 id) external {
        Dispute storage d = _disputes[id];
        (Ruling ruling, address defender) = (d.ruling, d.defender);
        if (ruling == Ruling.None) revert CourtNotRuled(id);
        if (d.paid) revert CourtAlreadyPaid(id);
        d.paid = true;

        bool upheld = ruling == Ruling.Upheld;
        address loser = upheld ? d.challenger : defender;
        address winner = upheld ? defender : d.challenger;
        uint256 lost = loser == address(0) ? 0 : bondUsdE6;
        uint256 toSink = lost - lost / 2;
        uint256 toWinner = lost / 2 + (winner == address(0) ? 0 : bondUsdE6);
        // a result that stood without a defender was the operator's
        if (winner == address(0)) winner = validator.mandate(validator.record(id).mandateId).operator;
        emit BondsPaid(id, winner, toWinner, loser, toSink);
        asset.safeTransfer(winner, toWinner);
        if (toSink != 0) asset.safeTransfer(sink, toSink);
    }

    /// @dev A dispute on which nobody has ruled.
    function _open(bytes32 id) private view returns (Dispute storage d) {
        d = _disputes[id];
        if (d.challenger == address(0)) revert CourtNoDispute(id);
        if (d.ruling != Ruling.None) revert CourtAlreadyRuled(id, d.ruling);
    }

    /* ARITHMETIC */

    /// @inheritdoc IDisputeCourt
    function proveFills(Prediction calldata p, Reveal calldata r, bytes calldata payload, bytes calldata rows)
        external
    {
        bytes32 id = validator.digestOf(p);
        Dispute storage d = _open(id);
        if (block.timestamp >= d.ruleBy) revert CourtTooLate(block.timestamp, d.ruleBy);
        Record memory record = validator.record(id);
        bytes14 given = bytes14(keccak256(payload));
        if (given != record.settlementTag) revert CourtWrongStatement(given, record.settlementTag);
        if (keccak256(rows) != bytes32(payload.word(2))) {
            revert CourtWrongRoot(keccak256(rows), bytes32(payload.word(2)));
        }
        uint256 count = rows.length / FillsLib.ROW_BYTES;
        if (count * FillsLib.ROW_BYTES != rows.length || count > FillsLib.MAX_FILLS) {
            revert CourtBadRows(rows.length, FillsLib.MAX_FILLS);
        }

        SettlementLib.Fills memory said = SettlementLib.decode(payload);
        (SettlementLib.Fills memory found, bool closed) = FillsLib.sum(rows);
        if (!closed) return _decide(id, d, record, Ruling.Voided, 0);
        if (FillsLib.agrees(said, found)) {
            emit FillsConfirmed(id, msg.sender, count);
            return;
        }
        found.fundingE8 = said.fundingE8;
        uint8 side = _sideOf(p, r, record, said);
        // what else was booked with the posted result, a penalty for lateness, stays
        int256 change = SettlementLib.result(found, side) - SettlementLib.result(said, side);
        _decide(id, d, record, Ruling.Corrected, record.pnlE8 + change);
    }

    /// @dev The sealed side; 0 where attesters said that nothing opens the seal and nothing given here does.
    function _sideOf(Prediction calldata p, Reveal calldata r, Record memory record, SettlementLib.Fills memory f)
        private
        view
        returns (uint8)
    {
        if (validator.sealOf(p.mandateId, p.sequence, r) == p.seal) return r.side;
        if (record.flags & PayloadLib.SEALED == 0 || f.attestedFlags & SettlementFlags.WITNESSED_UNOPENED == 0) {
            revert CourtBadReveal(p.seal);
        }
        return 0;
    }

    /* REVIEW */

    /// @inheritdoc IDisputeCourt
    function settle(Prediction calldata p, Reveal calldata r, bytes calldata payload, uint80, uint80)
        external
        returns (uint8)
    {
        (bytes32 id, Dispute storage d, Record memory record, SettlementLib.Fills memory f) = _review(p, payload);
        if (f.entryFills == 0) revert CourtBadStatement(6);
        int256 pnlE8 = SettlementLib.result(f, _sideOf(p, r, record, f));
        _conclude(id, d, record, pnlE8);
        return Status.SETTLED;
    }

    /// @inheritdoc IDisputeCourt
    function cancel(Prediction calldata p, bytes calldata payload) external returns (uint8) {
        (bytes32 id, Dispute storage d, Record memory record, SettlementLib.Fills memory f) = _review(p, payload);
        if (f.entryFills != 0 || f.observedAt < record.entryExpiresAt) revert CourtBadStatement(6);
        _conclude(id, d, record, 0);
        return Status.CANCELLED;
    }

    function _review(Prediction calldata p, bytes calldata payload)
        private
        view
        returns (bytes32 id, Dispute storage d, Record memory record, SettlementLib.Fills memory f)
    {
        if (msg.sender != reviewer) revert CourtUnauthorised(msg.sender);
        if (payload.length != PayloadLib.SETTLEMENT_BYTES) revert CourtBadStatement(255);
        id = validator.digestOf(p);
        d = _open(id);
        if (block.timestamp >= d.reviewBy) revert CourtTooLate(block.timestamp, d.reviewBy);
        record = validator.record(id);
        if (payload.word(0) != uint256(validator.settlementDomain())) revert CourtBadStatement(0);
        if (payload.word(1) != uint256(id)) revert CourtBadStatement(1);
        uint256 account = uint256(validator.venueAccountOf(p.mandateId));
        if (payload.word(7) != (account >> 64 << 64) | record.epoch) revert CourtBadStatement(7);
        f = SettlementLib.decode(payload);
        if (
            !SettlementLib.plausible(f) || block.timestamp > f.expiresAt || f.observedAt > block.timestamp
                || f.entryLastAt > block.timestamp || f.exitLastAt > block.timestamp
        ) revert CourtBadStatement(6);
    }

    /// @dev A late proof keeps its penalty, whoever brings it.
    function _conclude(bytes32 id, Dispute storage d, Record memory record, int256 pnlE8) private {
        if (d.wasExpired) {
            pnlE8 += int256(record.pnlE8) + int256(uint256(record.maxLossUsdE6)) * 100;
        } else if (record.settlementFlags & SettlementFlags.AFTER_EXPIRY != 0) {
            pnlE8 -= _penaltyE8(record.mandateId);
        }
        _decide(id, d, record, pnlE8 == record.pnlE8 ? Ruling.Upheld : Ruling.Corrected, pnlE8);
    }

    /* GOVERNANCE AND DEFAULT */

    /// @inheritdoc IDisputeCourt
    function rule(bytes32 id, Ruling ruling, int256 pnlE8) external onlyOwner {
        Dispute storage d = _open(id);
        if (block.timestamp < d.reviewBy) revert CourtTooEarly(block.timestamp, d.reviewBy);
        if (block.timestamp >= d.ruleBy) revert CourtTooLate(block.timestamp, d.ruleBy);
        if (ruling == Ruling.None) revert CourtBadValue(uint256(ruling), uint256(Ruling.Voided));
        _decide(id, d, validator.record(id), ruling, pnlE8);
    }

    /// @inheritdoc IDisputeCourt
    function close(bytes32 id) external {
        Dispute storage d = _open(id);
        if (block.timestamp < d.ruleBy) revert CourtTooEarly(block.timestamp, d.ruleBy);
        _decide(id, d, validator.record(id), d.wasExpired ? Ruling.Upheld : Ruling.Voided, 0);
    }

    /// @param pnlE8 read only for Corrected.
    function _decide(bytes32 id, Dispute storage d, Record memory record, Ruling ruling, int256 pnlE8) private {
        if (ruling == Ruling.Upheld) pnlE8 = record.pnlE8;
        if (ruling == Ruling.Voided) {
            pnlE8 = -int256(uint256(record.maxLossUsdE6)) * 100 - _penaltyE8(record.mandateId);
            if (record.pnlE8 < pnlE8) pnlE8 = record.pnlE8;
        }
        d.ruling = ruling;
        emit Ruled(id, msg.sender, ruling, record.pnlE8, pnlE8);
        validator.closeDispute(id, pnlE8, ruling == Ruling.Voided);
    }

    function _penaltyE8(bytes32 mandateId) private view returns (int256) {
        (,,,, uint256 penaltyUsdE6,) = IRiskPolicy(validator.policy()).settlementRules(mandateId);
        return int256(penaltyUsdE6 * 100);
    }

    /* PUNISHMENT */

    /// @inheritdoc IDisputeCourt
    function punish(bytes32 id) external {
        Dispute storage d = _disputes[id];
        if (d.punished) revert CourtAlreadyPunished(id);
        Record memory record = validator.record(id);
        bool done = record.state == State.Final || record.state == State.Voided;
        bool fell = d.ruling == Ruling.Corrected || d.ruling == Ruling.Voided;
        // a correction may show that the flag was the statement's fault, not the trip's: then it fell, which is enough
        if (!done || (!fell && record.settlementFlags & SettlementFlags.VIOLATIONS == 0)) revert CourtNoViolation(id);
        // an expiry that was corrected did not claim anything
        if (d.wasExpired) revert CourtNoViolation(id);
        d.punished = true;
        // who stood behind it at the approval; stake that has left since is out of reach
        uint256 capturedAt = record.approvedAt;
        uint256 oldest = block.timestamp - stake.unbondingSeconds();
        if (capturedAt < oldest) capturedAt = oldest;
        uint256 amount = stake.slashable(record.mandateId, uint64(capturedAt)) * slashBps / BPS;
        (, uint256 slashed) = stake.slash(record.mandateId, amount, uint64(capturedAt), slashRecipient, id);
        emit Punished(id, record.mandateId, slashed, slashRecipient);
    }

    /* OWNER */

    /// @inheritdoc IDisputeCourt
    function scheduleReviewer(address newReviewer) external onlyOwner {
        // before the first one there is nobody whose word is replaced
        uint64 applicableAt = uint64(block.timestamp) + (reviewer == address(0) ? 0 : reviewerDelaySeconds);
        (nextReviewer, nextReviewerAt) = (newReviewer, applicableAt);
        emit ReviewerScheduled(newReviewer, applicableAt);
    }

    /// @inheritdoc IDisputeCourt
    function applyReviewer() external {
        if (nextReviewer == address(0) || block.timestamp < nextReviewerAt) {
            revert CourtTooEarly(block.timestamp, nextReviewerAt);
        }
        emit ReviewerChanged(reviewer, nextReviewer);
        (reviewer, nextReviewer) = (nextReviewer, address(0));
    }

    /// @inheritdoc IDisputeCourt
    function setStake(address stake_, address recipient) external onlyOwner {
        if (address(stake) != address(0)) revert CourtAlreadySet();
        (stake, slashRecipient) = (ISlashableStake(stake_), recipient);
        emit StakeSet(stake_, recipient);
    }

    /* VIEWS */

    /// @inheritdoc IDisputeCourt
    function dispute(bytes32 id) external view returns (Dispute memory) {
        return _disputes[id];
    }

    /// @inheritdoc IDisputeCourt
    function partiesOf(bytes32 mandateId, bytes32 modelId) external view returns (address, address, address) {
        return validator.partiesOf(mandateId, modelId);
    }

    /// @inheritdoc IDisputeCourt
    function disputeSeconds() external view returns (uint64) {
        return reviewSeconds + rulingSeconds;
    }
}
