// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Record, State} from "../interfaces/Types.sol";
import {PayloadLib} from "./PayloadLib.sol";

/// @title The packed record of one prediction.
/// @dev One word holds a verdict, a second one the result. Word a from the lowest bit: state 4, then by state
///
///   Registered  mandateIndex 16 | sequence 28 | entryExpiresAt 32 | settleBy 32 | modelIndex 20 | leverageBps 24
///               | confidencePpm 20 | entryDeviationBps 16 | reasons 32 | sealed 1
///               word b: maxNotionalUsdE6 52 | maxLossUsdE6 52 | what the attestation must restate 128
///   Rejected    mandateIndex 16 | sequence 28 | entryExpiresAt 32 | settleBy 32 | reasonBits 32 | attesterReason 16
///   otherwise   mandateIndex 16 | sequence 28 | approvedAt 32 | entryExpiresAt 16, settleBy 24 (seconds after the
///               approval) | epoch 22 | revoked 1 | level 2 | flags 7 | maxNotionalUsdE6 52 | maxLossUsdE6 52
///               word b, once settled or expired: pnlE8 int80 | flags 32 | finalizableAt 32 | tag of the payload 112
///
/// So a prediction may declare at most 4.5 billion dollars, wait 65535 seconds for its entry and last 194 days; more is
/// refused by `PredictionLib.inspect`. Mandates are limited to 65535, sequences to 268 million, epochs to 4 million.
library RecordLib {
    struct Words {
        uint256 a;
        uint256 b;
    }

    /// @notice The fields every state has.
    struct Head {
        uint256 mandateIndex;
        uint256 sequence;
        uint256 entryExpiresAt;
        uint256 settleBy;
    }

    uint256 internal constant MAX_AMOUNT_E6 = (1 << 52) - 1;
    uint256 internal constant MAX_ENTRY_SECONDS = type(uint16).max;
    uint256 internal constant MAX_TRIP_SECONDS = type(uint24).max;

    function state(uint256 a) internal pure returns (State) {
        return State(a & 0xf);
    }

    function withState(uint256 a, State next) internal pure returns (uint256) {
        return (a & ~uint256(0xf)) | uint256(next);
    }

    function mandateIndex(uint256 a) internal pure returns (uint256) {
        return uint16(a >> 4);
    }

    function sequence(uint256 a) internal pure returns (uint64) {
        return uint64((a >> 20) & 0xfffffff);
    }

    /* APPROVED AND AFTER */

    function approvedAt(uint256 a) internal pure returns (uint256) {
        return uint32(a >> 48);
    }

    function entryExpiresAt(uint256 a) internal pure returns (uint256) {
        return approvedAt(a) + uint16(a >> 80);
    }

    function settleBy(uint256 a) internal pure returns (uint256) {
        return approvedAt(a) + uint24(a >> 96);
    }

    function epoch(uint256 a) internal pure returns (uint32) {
        return uint32((a >> 120) & 0x3fffff);
    }

    function revoked(uint256 a) internal pure returns (bool) {
        return (a >> 142) & 1 != 0;
    }

    function withRevoked(uint256 a) internal pure returns (uint256) {
        return a | (1 << 142);
    }

    /// @notice Approved under seal: the reveal comes with the settlement.
    function isSealed(uint256 a) internal pure returns (bool) {
        return (a >> 145) & PayloadLib.SEALED != 0;
    }

    function maxNotionalUsdE6(uint256 a) internal pure returns (uint256) {
        return (a >> 152) & MAX_AMOUNT_E6;
    }

    function maxLossUsdE6(uint256 a) internal pure returns (uint256) {
        return a >> 204;
    }

    /// @param assurance level 2 | flags 7.
    /// @param amounts maxNotionalUsdE6 52 | maxLossUsdE6 52.
    function approved(Head memory h, uint256 approvedAt_, uint256 epoch_, uint256 assurance, uint256 amounts)
        internal
        pure
        returns (uint256 a)
    {
        a = uint256(State.Approved) | (h.mandateIndex << 4) | (h.sequence << 20) | (approvedAt_ << 48);
        a |= ((h.entryExpiresAt - approvedAt_) << 80) | ((h.settleBy - approvedAt_) << 96) | (epoch_ << 120);
        a |= (assurance << 143) | (amounts << 152);
    }

    function pnlE8(uint256 b) internal pure returns (int256) {
        return int80(uint80(b));
    }

    function finalizableAt(uint256 b) internal pure returns (uint256) {
        return uint32(b >> 112);
    }

    function result(int256 pnl, uint256 flags, uint256 finalizableAt_, bytes32 payloadHash)
        internal
        pure
        returns (uint256)
    {
        return uint256(uint80(int80(pnl))) | (flags << 80) | (finalizableAt_ << 112)
            | (uint256(payloadHash) >> 144 << 144);
    }

    function withFinalizableAt(uint256 b, uint256 finalizableAt_) internal pure returns (uint256) {
        return (b & ~(uint256(type(uint32).max) << 112)) | (finalizableAt_ << 112);
    }

    function withPnl(uint256 b, int256 pnl) internal pure returns (uint256) {
        return (b >> 80 << 80) | uint256(uint80(int80(pnl)));
    }

    /* REGISTERED AND REJECTED */

    function head(uint256 a) internal pure returns (Head memory) {
        return Head(mandateIndex(a), sequence(a), uint32(a >> 48), uint32(a >> 80));
    }

    /// @param reasons reasons 32 | sealed 1.
    function registered(
        Head memory h,
        uint256 modelIndex,
        uint256 leverageBps,
        uint256 confidencePpm,
        uint256 deviationBps,
        uint256 reasons
    ) internal pure returns (uint256) {
        return uint256(State.Registered) | _pack(h) | (modelIndex << 112) | (leverageBps << 132)
            | (confidencePpm << 156) | (deviationBps << 176) | (reasons << 192);
    }

    function rejected(Head memory h, uint256 reasonBits, uint256 attesterReason) internal pure returns (uint256) {
        return uint256(State.Rejected) | _pack(h) | (reasonBits << 112) | (attesterReason << 144);
    }

    /// @dev Times above 32 bits are cut here; `PredictionLib.inspect` has then set TIMES_DISORDERED.
    function _pack(Head memory h) private pure returns (uint256) {
        return (h.mandateIndex << 4) | (h.sequence << 20) | (uint256(uint32(h.entryExpiresAt)) << 48)
            | (uint256(uint32(h.settleBy)) << 80);
    }

    /* ALL */

    function unpack(uint256 a, uint256 b, bytes32 mandateId) internal pure returns (Record memory r) {
        r.state = state(a);
        if (r.state == State.None) return r;
        r.mandateId = mandateId;
        r.sequence = sequence(a);
        if (r.state == State.Rejected || r.state == State.Registered) {
            r.entryExpiresAt = uint32(a >> 48);
            r.settleBy = uint32(a >> 80);
            if (r.state == State.Rejected) {
                (r.reasonBits, r.attesterReason) = (uint32(a >> 112), uint16(a >> 144));
            } else {
                (r.maxNotionalUsdE6, r.maxLossUsdE6) = (uint64(b & MAX_AMOUNT_E6), uint64((b >> 52) & MAX_AMOUNT_E6));
            }
            return r;
        }
        r.approvedAt = uint64(approvedAt(a));
        r.entryExpiresAt = uint64(entryExpiresAt(a));
        r.settleBy = uint64(settleBy(a));
        r.epoch = epoch(a);
        r.revoked = revoked(a);
        r.level = uint8((a >> 143) & 3);
        r.flags = uint8((a >> 145) & 0x7f);
        r.maxNotionalUsdE6 = uint64(maxNotionalUsdE6(a));
        r.maxLossUsdE6 = uint64(maxLossUsdE6(a));
        r.pnlE8 = int80(pnlE8(b));
        r.settlementFlags = uint32(b >> 80);
        r.finalizableAt = uint64(finalizableAt(b));
        r.settlementTag = bytes14(bytes32(b));
    }
}
