// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {Dispute, IDisputeCourt, Ruling} from "../interfaces/IDisputeCourt.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {IRiskPolicy} from "../interfaces/IRiskPolicy.sol";
import {MandateState, Record, State} from "../interfaces/Types.sol";
import {PayloadLib} from "../libraries/PayloadLib.sol";
import {Reasons} from "../libraries/Reasons.sol";
import {SettlementFlags} from "../libraries/SettlementFlags.sol";
import {AttesterReasons} from "./AttesterReasons.sol";
import {LensAddresses} from "./LensSources.sol";
import {TextLib} from "./TextLib.sol";

/// @title A prediction's record in plain sentences. Deployed apart, so that the lens fits its size.
library PredictionWordsLib {
    using TextLib for uint256;

    string private constant CHECKED = "inputs;features;inference;sizing;price;direction";
    string private constant TRANSPORTS = ";a single sender;a quorum of attesters;a public oracle network";
    string private constant FLAGS = "first entry fill before the approval;last entry fill after the entry had expired;"
        "exit after the latest time;entry price off the market;exit price off the market;"
        "loss above the declared maximum;more than the sealed quantity;more than the declared notional;"
        "entry worse than the sealed limit;no feed round for the entry;no feed round for the exit;"
        "proved after it had expired;filled although revoked;a rule was broken under the seal;nothing opens the seal";

    /// @dev What the sentences are made of.
    struct Story {
        bytes32 id;
        Record r;
        Dispute dispute;
        uint256 bondUsdE6; // 0: no court is named
        uint256 graceSeconds;
        uint256 penaltyUsdE6;
    }

    function explain(LensAddresses memory d, bytes32 id) external view returns (string memory) {
        IPredictionValidator validator = IPredictionValidator(d.validator);
        Story memory s;
        (s.id, s.r) = (id, validator.record(id));
        if (s.r.state == State.None) {
            return "The validator has no record of this id: nobody has registered it and no verdict about it has come.";
        }
        (,,, s.graceSeconds, s.penaltyUsdE6,) = IRiskPolicy(d.policy).settlementRules(s.r.mandateId);
        if (d.court != address(0)) {
            (s.dispute, s.bondUsdE6) = (IDisputeCourt(d.court).dispute(id), IDisputeCourt(d.court).bondUsdE6());
        }
        MandateState memory m = validator.mandate(s.r.mandateId);
        string memory who = string.concat(
            "Prediction ",
            Strings.toString(s.r.sequence),
            " of mandate ",
            Strings.toHexString(uint256(s.r.mandateId), 32),
            string.concat(" (operator ", Strings.toChecksumHexString(m.operator), "). ")
        );
        return string.concat(who, _state(s, m.lastSequence));
    }

    function _state(Story memory s, uint256 lastSequence) private view returns (string memory) {
        State state = s.r.state;
        if (state == State.Registered) return _registered(s.r, lastSequence);
        if (state == State.Rejected) return _rejected(s.r);
        string memory approval = _approval(s.r);
        if (state == State.Approved) return string.concat(approval, _open(s));
        if (state == State.Cancelled) {
            return string.concat(
                approval,
                "CANCELLED: the witnesses saw that nothing was filled. What was reserved is free again. This is for good."
            );
        }
        if (state == State.Settled) return string.concat(approval, _settled(s));
        if (state == State.Expired) return string.concat(approval, _expired(s));
        if (state == State.Disputed) return string.concat(approval, _disputed(s));
        return string.concat(approval, _ended(s));
    }

    /* BEFORE A VERDICT, AND AFTER A NO */

    function _registered(Record memory r, uint256 lastSequence) private view returns (string memory) {
        string memory asked = string.concat(
            "REGISTERED: it waits for the attesters' verdict and asks for at most ",
            _bounds(r),
            ". Nothing is reserved. "
        );
        if (r.sequence <= lastSequence) {
            return string.concat(asked, "Another prediction has used its sequence; no verdict counts any more.");
        }
        if (block.timestamp > r.entryExpiresAt) {
            return string.concat(
                asked,
                "Its entry expired at ",
                TextLib.time(r.entryExpiresAt),
                ": whoever holds the signed prediction may call lapse, which rejects it as unattested."
            );
        }
        return string.concat(
            asked,
            "A transport may bring the verdict until ",
            TextLib.time(r.entryExpiresAt),
            "; after that whoever holds the signed prediction may call lapse, which rejects it as unattested."
        );
    }

    function _rejected(Record memory r) private pure returns (string memory) {
        string memory by = "";
        if (r.attesterReason != 0) {
            by = string.concat(
                " (the attesters: ",
                AttesterReasons.text(r.attesterReason),
                ", reason ",
                Strings.toString(r.attesterReason),
                ")"
            );
        }
        return string.concat(
            "REJECTED: ",
            Reasons.text(r.reasonBits),
            by,
            ". Nothing was reserved and no order may be sent. Its sequence is used up. This is for good."
        );
    }

    /* APPROVED */

    function _approval(Record memory r) private pure returns (string memory) {
        bool isSealed = r.flags & PayloadLib.SEALED != 0;
        string memory word = string.concat(
            "Approved at ",
            TextLib.time(r.approvedAt),
            " on the word of ",
            TextLib.nth(TRANSPORTS, r.level),
            " (checked: ",
            TextLib.bits(r.flags, CHECKED)
        );
        return string.concat(
            word,
            isSealed ? "), under seal, in epoch " : "), open, in epoch ",
            Strings.toString(r.epoch),
            ", for at most ",
            string.concat(_bounds(r), ". ")
        );
    }

    function _bounds(Record memory r) private pure returns (string memory) {
        return string.concat(
            uint256(r.maxNotionalUsdE6).usdE6(), " of notional and a loss of ", uint256(r.maxLossUsdE6).usdE6()
        );
    }

    function _open(Story memory s) private view returns (string memory) {
        uint256 expirableFrom = s.r.settleBy + s.graceSeconds + 1;
        string memory entry = s.r.revoked
            ? "REVOKED by guardian or owner: no entry may be sent; a fill already made still settles. "
            : string.concat(
                block.timestamp <= s.r.entryExpiresAt
                    ? "OPEN: the executor may enter until "
                    : "OPEN: the time to enter ended at ",
                string.concat(TextLib.time(s.r.entryExpiresAt), ". ")
            );
        string memory next = block.timestamp < expirableFrom
            ? string.concat(
                "The exit is due by ",
                TextLib.time(s.r.settleBy),
                "; the witnesses bring the result, or that nothing was filled. From ",
                TextLib.time(expirableFrom),
                " anyone may call expire"
            )
            : string.concat("It is OVERDUE since ", TextLib.time(expirableFrom), ": anyone may call expire");
        return string.concat(
            entry,
            next,
            ", which books a loss of ",
            (uint256(s.r.maxLossUsdE6) + s.penaltyUsdE6).usdE6(),
            " (the declared loss and the penalty for silence)."
        );
    }

    /* WITH A RESULT */

    function _settled(Story memory s) private view returns (string memory) {
        return string.concat("SETTLED with ", _result(s.r), _flags(s.r), ". ", _window(s));
    }

    function _expired(Story memory s) private view returns (string memory) {
        return string.concat(
            "EXPIRED without a witnessed result: ",
            _result(s.r),
            " is booked, the declared loss and the penalty. ",
            block.timestamp < s.r.finalizableAt
                ? "The witnesses may still bring the true result; the penalty stays. "
                : "",
            _window(s)
        );
    }

    function _window(Story memory s) private view returns (string memory) {
        if (block.timestamp >= s.r.finalizableAt) return "Its window is over: anyone may call finalize.";
        string memory end = TextLib.time(s.r.finalizableAt);
        if (s.bondUsdE6 == 0) return string.concat("From ", end, " anyone may call finalize. No court is named.");
        return string.concat(
            "Until ", end, " anyone may challenge it with a bond of ", s.bondUsdE6.usdE6(), "; then anyone may call finalize."
        );
    }

    function _disputed(Story memory s) private pure returns (string memory) {
        string memory ladder = string.concat(
            "Until ",
            TextLib.time(s.dispute.reviewBy),
            " the other class of attesters may answer and anyone may defend; then until ",
            TextLib.time(s.dispute.ruleBy),
            " the court's owner may rule; after that anyone may call close, and "
        );
        return string.concat(
            "DISPUTED: ",
            string.concat(s.dispute.wasExpired ? "an expiry with " : "posted with ", _result(s.r), _flags(s.r)),
            _parties(s.dispute),
            ". ",
            string.concat(
                ladder,
                s.dispute.wasExpired
                    ? "the expiry stands."
                    : "the settlement is voided: the declared loss and the penalty are booked, or the posted loss if worse."
            )
        );
    }

    function _ended(Story memory s) private pure returns (string memory) {
        string memory end = s.r.state == State.Voided
            ? "VOIDED by the court: no result stands, and the price of silence is booked, "
            : "FINAL with ";
        end = string.concat(end, _result(s.r), _flags(s.r));
        if (s.dispute.challenger != address(0)) {
            end = string.concat(
                end,
                _parties(s.dispute),
                s.dispute.ruling == Ruling.Upheld ? ", and upheld" : ", and the posted result fell",
                s.dispute.paid ? "; the bonds are paid" : "; anyone may call payBonds"
            );
        }
        return string.concat(end, ". It counts in epoch ", Strings.toString(s.r.epoch), ". This is for good.");
    }

    function _result(Record memory r) private pure returns (string memory) {
        return TextLib.result(r.pnlE8);
    }

    function _flags(Record memory r) private pure returns (string memory) {
        string memory words = TextLib.bits(uint16(r.settlementFlags), FLAGS);
        if (bytes(words).length == 0) return "";
        return string.concat(
            r.settlementFlags & SettlementFlags.VIOLATIONS == 0 ? " (noted: " : " (a VIOLATION: ", words, ")"
        );
    }

    function _parties(Dispute memory dispute) private pure returns (string memory) {
        string memory challenged =
            string.concat(", challenged by ", Strings.toChecksumHexString(dispute.challenger));
        if (dispute.defender == address(0)) return string.concat(challenged, ", defended by nobody");
        return string.concat(challenged, ", defended by ", Strings.toChecksumHexString(dispute.defender));
    }
}
