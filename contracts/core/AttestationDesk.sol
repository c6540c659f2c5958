// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {IAttestationSink} from "../interfaces/IAttestationSink.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {IRiskPolicy} from "../interfaces/IRiskPolicy.sol";
import {Prediction, Reveal, RiskInput, State} from "../interfaces/Types.sol";
import {Book, Entry} from "../libraries/LedgerLib.sol";
import {PayloadLib} from "../libraries/PayloadLib.sol";
import {PredictionLib} from "../libraries/PredictionLib.sol";
import {Reasons} from "../libraries/Reasons.sol";
import {RecordLib} from "../libraries/RecordLib.sol";
import {SignatureLib} from "../libraries/SignatureLib.sol";
import {Status} from "../libraries/Status.sol";
import {ValidatorBooks} from "./ValidatorBooks.sol";

/// @title From a signed prediction and a verdict to an approval or a recorded rejection.
abstract contract AttestationDesk is ValidatorBooks {
    using PayloadLib for bytes;

    /// @dev One prediction on its way to a verdict, from calldata or from its registration.
    struct Candidate {
        bytes32 id;
        RecordLib.Head head;
        uint256 reasons; // found so far
        bool isSealed;
        bool modelActive;
        uint16 attesterReason;
        uint32 epoch;
        uint256 countUsedScaled;
        uint256 notionalUsedScaled;
        RiskInput risk;
    }

    /* REGISTRATION */

    /// @inheritdoc IPredictionValidator
    function registerPrediction(Prediction calldata p, bytes calldata modelSignature, Reveal calldata r)
        external
        returns (uint8 status)
    {
        return _register(p, modelSignature, PredictionLib.checked(r), false);
    }

    /// @inheritdoc IPredictionValidator
    function registerSealed(Prediction calldata p, bytes calldata modelSignature) external returns (uint8 status) {
        return _register(p, modelSignature, PredictionLib.noReveal(), true);
    }

    function _register(
        Prediction calldata p,
        bytes calldata modelSignature,
        PredictionLib.CheckedReveal calldata r,
        bool isSealed
    ) private returns (uint8 status) {
        bytes32 id = digestOf(p);
        RecordLib.Words storage words = _ledger.records[id];
        if (words.a != 0) return _ignore(id, Status.ALREADY_KNOWN);
        PredictionLib.Checked calldata fields = PredictionLib.checked(p);
        uint256 modelIndex;
        Book storage book = _ledger.books[fields.mandateId];
        (status,, modelIndex) = _authenticate(id, book, fields, modelSignature);
        if (status != 0) return _ignore(id, status);

        (uint256 reasons, uint256 deviationBps) = _inspect(fields, r, isSealed);
        if (reasons & Reasons.REVEAL_MISMATCH != 0) return _ignore(id, Status.BAD_REVEAL);
        words.a = RecordLib.registered(
            _headOf(book, fields),
            modelIndex,
            _atMost(fields.maxLeverageBps, type(uint24).max),
            _atMost(fields.confidencePpm, 1e6),
            deviationBps,
            isSealed ? reasons | (1 << 32) : reasons
        );
        words.b = _atMost(fields.maxNotionalUsdE6, RecordLib.MAX_AMOUNT_E6)
            | (_atMost(fields.maxLossUsdE6, RecordLib.MAX_AMOUNT_E6) << 52)
            | (_restated(fields.evidenceHash, fields.referencePriceE8, fields.observedAt) << 104);
        bytes32 requestId = Hashes.efficientKeccak256(bytes32(uint256(uint160(address(this)))), id);
        emit AttestationRequested(id, requestId, uint64(fields.entryExpiresAt));
        return Status.REGISTERED;
    }

    /// @inheritdoc IPredictionValidator
    function lapse(Prediction calldata p, bytes calldata modelSignature) external returns (uint8 status) {
        bytes32 id = digestOf(p);
        PredictionLib.Checked calldata fields = PredictionLib.checked(p);
        if (block.timestamp <= fields.entryExpiresAt) return _ignore(id, Status.TOO_EARLY);
        if (RecordLib.state(_ledger.records[id].a) > State.Registered) return _ignore(id, Status.ALREADY_KNOWN);
        Book storage book = _ledger.books[fields.mandateId];
        (status,,) = _authenticate(id, book, fields, modelSignature);
        if (status != 0) return _ignore(id, status);
        (book.lastSequence, book.lastId) = (uint32(fields.sequence), id);
        return _reject(id, fields.mandateId, _headOf(book, fields), Reasons.UNATTESTED, 0);
    }

    /// @dev Status 0 if the prediction is the mandate's next and its model's publisher signed it.
    function _authenticate(
        bytes32 id,
        Book storage book,
        PredictionLib.Checked calldata p,
        bytes calldata modelSignature
    ) private view returns (uint8 status, bool active, uint256 modelIndex) {
        if (book.index == 0) return (Status.UNKNOWN_MANDATE, false, 0);
        if (!_isNext(book, p)) {
            return (Status.WRONG_SEQUENCE, false, 0);
        }
        address publisher;
        (publisher, active, modelIndex) = _registry.publisherOf(p.modelId);
        if (
            modelSignature.length != SignatureLib.BYTES || publisher == address(0)
                || SignatureLib.signerAt(id, modelSignature, 0) != publisher
        ) return (Status.BAD_SIGNATURE, false, 0);
    }

    function _isNext(Book storage book, PredictionLib.Checked calldata p) private view returns (bool) {
        uint256 last = book.lastSequence;
        return p.sequence == last + 1 && p.previousId == (last == 0 ? bytes32(0) : book.lastId);
    }

    /* VERDICT */

    /// @inheritdoc IPredictionValidator
    function submitPrediction(
        Prediction calldata p,
        bytes calldata modelSignature,
        Reveal calldata r,
        bytes calldata payload
    ) external returns (uint8 status) {
        return _submit(p, modelSignature, PredictionLib.checked(r), payload, false);
    }

    /// @inheritdoc IPredictionValidator
    function submitSealed(Prediction calldata p, bytes calldata modelSignature, bytes calldata payload)
        external
        returns (uint8 status)
    {
        return _submit(p, modelSignature, PredictionLib.noReveal(), payload, true);
    }

    function _submit(
        Prediction calldata p,
        bytes calldata modelSignature,
        PredictionLib.CheckedReveal calldata r,
        bytes calldata payload,
        bool isSealed
    ) private returns (uint8 status) {
        Adapter memory rights = _rights(payload);
        Candidate memory c;
        c.isSealed = isSealed;
        c.id = digestOf(p);
        if (RecordLib.state(_ledger.records[c.id].a) > State.Registered) return _ignore(c.id, Status.ALREADY_KNOWN);
        if (payload.word(0) != uint256(PayloadLib.domain(PayloadLib.ATTESTATION_TAG))) {
            return _ignore(c.id, Status.WRONG_DOMAIN);
        }
        PredictionLib.Checked calldata fields = PredictionLib.checked(p);
        if (
            payload.word(1) != uint256(c.id) || payload.word(2) != uint256(fields.evidenceHash)
                || payload.word(3) != fields.referencePriceE8 || payload.word(4) != fields.observedAt
        ) return _ignore(c.id, Status.PAYLOAD_MISMATCH);

        Book storage book = _ledger.books[fields.mandateId];
        (status, c.modelActive,) = _authenticate(c.id, book, fields, modelSignature);
        if (status != 0) return _ignore(c.id, status);
        _fill(c, book, fields, r);
        // nobody signs the reveal: whoever relays a false one may not use up the sequence with it
        if (c.reasons & Reasons.REVEAL_MISMATCH != 0) return _ignore(c.id, Status.BAD_REVEAL);
        return _decide(c, book, payload, rights);
    }

    /// @inheritdoc IAttestationSink
    function submit(bytes calldata payload) external returns (uint8 status) {
        Adapter memory rights = _rights(payload);
        Candidate memory c;
        c.id = bytes32(payload.word(1));
        if (payload.word(0) != uint256(PayloadLib.domain(PayloadLib.ATTESTATION_TAG))) {
            return _ignore(c.id, Status.WRONG_DOMAIN);
        }
        uint256 a = _ledger.records[c.id].a;
        State state = RecordLib.state(a);
        if (state == State.None) return _ignore(c.id, Status.UNKNOWN_DIGEST);
        if (state != State.Registered) return _ignore(c.id, Status.ALREADY_KNOWN);
        uint256 b = _ledger.records[c.id].b;
        if (b >> 104 != _restated(bytes32(payload.word(2)), payload.word(3), payload.word(4))) {
            return _ignore(c.id, Status.PAYLOAD_MISMATCH);
        }

        RiskInput memory x = c.risk;
        x.mandateId = _mandateIdOf(a);
        Book storage book = _ledger.books[x.mandateId];
        if (RecordLib.sequence(a) != book.lastSequence + 1) return _ignore(c.id, Status.WRONG_SEQUENCE);
        c.head = RecordLib.head(a);
        c.modelActive = _registry.isActiveAt(uint32((a >> 112) & 0xfffff));
        x.leverageBps = uint24(a >> 132);
        x.confidencePpm = (a >> 156) & 0xfffff;
        x.entryDeviationBps = uint16(a >> 176);
        c.reasons = uint32(a >> 192);
        c.isSealed = (a >> 224) & 1 != 0;
        x.entryExpiresAt = c.head.entryExpiresAt;
        x.maxNotionalUsdE6 = b & RecordLib.MAX_AMOUNT_E6;
        x.maxLossUsdE6 = (b >> 52) & RecordLib.MAX_AMOUNT_E6;
        x.referencePriceE8 = payload.word(3);
        x.observedAt = payload.word(4);
        return _decide(c, book, payload, rights);
    }

    /// @dev The one place where anybody is turned away by a revert.
    function _rights(bytes calldata payload) private view returns (Adapter memory rights) {
        rights = _adapters[msg.sender];
        if (rights.level == 0) _unauthorised();
        _checkLength(payload, PayloadLib.ATTESTATION_BYTES);
    }

    /// @dev What a seal hides is left to the attesters' flag and judged at the settlement.
    function _inspect(PredictionLib.Checked calldata p, PredictionLib.CheckedReveal calldata r, bool isSealed)
        private
        view
        returns (uint256 reasons, uint256 deviationBps)
    {
        if (!isSealed) return PredictionLib.inspect(p, r, feeReservePpm);
        reasons = PredictionLib.inspectPublic(p);
        // with public weights and public data anyone computes what the seal hides
        if (!_registry.isPrivate(p.modelId)) reasons |= Reasons.SEALED_PUBLIC_MODEL;
    }

    function _fill(
        Candidate memory c,
        Book storage book,
        PredictionLib.Checked calldata p,
        PredictionLib.CheckedReveal calldata r
    ) private view {
        RiskInput memory x = c.risk;
        (c.reasons, x.entryDeviationBps) = _inspect(p, r, c.isSealed);
        c.head = _headOf(book, p);
        x.mandateId = p.mandateId;
        x.observedAt = p.observedAt;
        x.entryExpiresAt = p.entryExpiresAt;
        x.referencePriceE8 = p.referencePriceE8;
        x.leverageBps = _atMost(p.maxLeverageBps, type(uint24).max);
        x.confidencePpm = _atMost(p.confidencePpm, 1e6);
        x.maxNotionalUsdE6 = _atMost(p.maxNotionalUsdE6, RecordLib.MAX_AMOUNT_E6);
        x.maxLossUsdE6 = _atMost(p.maxLossUsdE6, RecordLib.MAX_AMOUNT_E6);
    }

    function _decide(Candidate memory c, Book storage book, bytes calldata payload, Adapter memory rights)
        private
        returns (uint8)
    {
        RiskInput memory x = c.risk;
        x.attestationExpiresAt = payload.word(5);
        {
            bool valid;
            bool yes;
            (valid, yes, c.attesterReason, x.flags) = PayloadLib.verdict(payload.word(6));
            if (!valid || x.attestationExpiresAt > type(uint64).max) return _ignore(c.id, Status.DIRTY_BITS);
            if (!yes) c.reasons |= Reasons.ATTESTATION_REFUSED;
        }
        x.flags &= rights.flagsMask;
        x.level = rights.level;
        _judge(c, book);
        if (c.isSealed) x.flags |= PayloadLib.SEALED;
        (book.lastSequence, book.lastId) = (uint32(c.head.sequence), c.id);
        if (c.reasons != 0) return _reject(c.id, x.mandateId, c.head, c.reasons, c.attesterReason);

        _reserve(book, c);
        _approve(c);
        return Status.APPROVED;
    }

    /// @dev Adds to the candidate every reason that depends on the mandate's books and the state of the world.
    function _judge(Candidate memory c, Book storage book) private view {
        RiskInput memory x = c.risk;
        x.openCount = book.openCount;
        x.openNotionalUsdE6 = book.openNotionalUsdE6;
        x.reservedLossUsdE6 = book.reservedLossUsdE6;
        x.bucketAt = book.bucketAt;
        x.countUsedScaled = book.countUsedScaled;
        x.notionalUsedScaled = book.notionalUsedScaled;
        x.pnlE8 = book.pnlE8;
        x.peakPnlE8 = int256(uint256(book.peakPnlE8));
        uint256 reasons;
        (reasons, c.countUsedScaled, c.notionalUsedScaled) = IRiskPolicy(_policy).evaluate(x);
        if (!c.modelActive) reasons |= Reasons.MODEL_INACTIVE;
        if (c.isSealed && x.flags & PayloadLib.DIRECTION == 0) reasons |= Reasons.FLAGS_MISSING;
        uint64 endsAt;
        (c.epoch, endsAt) = epochAt(uint64(block.timestamp));
        if (c.head.settleBy > endsAt) reasons |= Reasons.EPOCH_END;
        c.reasons |= reasons;
    }

    function _reserve(Book storage book, Candidate memory c) private {
        RiskInput memory x = c.risk;
        book.openCount = uint16(x.openCount + 1);
        book.openNotionalUsdE6 = uint72(x.openNotionalUsdE6 + x.maxNotionalUsdE6);
        book.reservedLossUsdE6 = uint72(x.reservedLossUsdE6 + x.maxLossUsdE6);
        book.bucketAt = uint40(block.timestamp);
        book.countUsedScaled = uint40(c.countUsedScaled);
        book.notionalUsedScaled = uint88(c.notionalUsedScaled);
    }

    function _approve(Candidate memory c) private {
        RiskInput memory x = c.risk;
        uint32 epoch = c.epoch;
        ++_ledger.epochs[epoch].opened;
        uint256 sequence = c.head.sequence;
        RecordLib.Words storage words = _ledger.records[c.id];
        if (words.a != 0) words.b = 0; // what a registration kept
        words.a = RecordLib.approved(
            c.head,
            block.timestamp,
            epoch,
            x.level | (x.flags << 2),
            x.maxNotionalUsdE6 | (x.maxLossUsdE6 << 52)
        );
        bytes32 newHead = _extendHead(
            Entry.Approved,
            c.id,
            keccak256(abi.encode(x.mandateId, sequence, block.timestamp, epoch, x.level, x.flags))
        );
        _emitApproved(c, newHead);
    }

    function _emitApproved(Candidate memory c, bytes32 newHead) private {
        RiskInput memory x = c.risk;
        emit PredictionApproved(
            c.id,
            x.mandateId,
            msg.sender,
            uint64(c.head.sequence),
            uint64(block.timestamp),
            uint64(x.entryExpiresAt),
            uint64(c.head.settleBy),
            uint128(x.maxNotionalUsdE6),
            uint128(x.maxLossUsdE6),
            c.epoch,
            uint8(x.level),
            uint8(x.flags),
            newHead
        );
    }

    function _reject(
        bytes32 id,
        bytes32 mandateId,
        RecordLib.Head memory h,
        uint256 reasons,
        uint16 attesterReason
    ) private returns (uint8) {
        uint64 sequence = uint64(h.sequence);
        RecordLib.Words storage words = _ledger.records[id];
        if (words.a != 0) words.b = 0; // what a registration kept
        words.a = RecordLib.rejected(h, reasons, attesterReason);
        bytes32 newHead = _extendHead(
            Entry.Rejected, id, keccak256(abi.encode(mandateId, sequence, reasons, uint256(attesterReason)))
        );
        emit PredictionRejected(id, mandateId, sequence, reasons, attesterReason, newHead);
        return Status.REJECTED;
    }

    function _ignore(bytes32 id, uint8 status) internal returns (uint8) {
        emit AttestationIgnored(id, msg.sender, status);
        return status;
    }

    /* PREVIEW */

    /// @inheritdoc IPredictionValidator
    function previewApproval(Prediction calldata p, Reveal calldata r, uint8 level, uint8 flags)
        external
        view
        returns (bool ok, uint256 reasonBits, string memory text)
    {
        Candidate memory c;
        Book storage book = _ledger.books[p.mandateId];
        (, c.modelActive,) = _registry.publisherOf(p.modelId);
        c.isSealed = flags & PayloadLib.SEALED != 0;
        _fill(c, book, PredictionLib.checked(p), PredictionLib.checked(r));
        c.risk.level = level;
        c.risk.flags = flags;
        c.risk.attestationExpiresAt = type(uint64).max;
        _judge(c, book);
        reasonBits = c.reasons;
        if (!_isNext(book, PredictionLib.checked(p))) {
            reasonBits |= Reasons.SEQUENCE_UNEXPECTED;
        }
        ok = reasonBits == 0;
        text = IRiskPolicy(_policy).reasonText(reasonBits);
    }

    function _headOf(Book storage book, PredictionLib.Checked calldata p) private view returns (RecordLib.Head memory) {
        return RecordLib.Head(book.index, p.sequence, p.entryExpiresAt, p.settleBy);
    }

    function _atMost(uint256 value, uint256 limit) private pure returns (uint256) {
        return value < limit ? value : limit;
    }

    /// @dev What an attestation must restate, in 128 bits: finding a second preimage is out of reach.
    function _restated(bytes32 evidenceHash, uint256 referencePriceE8, uint256 observedAt)
        private
        pure
        returns (uint256 short)
    {
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            mstore(ptr, evidenceHash)
            mstore(add(ptr, 0x20), referencePriceE8)
            mstore(add(ptr, 0x40), observedAt)
            short := shr(128, keccak256(ptr, 0x60))
        }
    }
}
