// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Prediction, Reveal} from "../interfaces/Types.sol";
import {Reasons} from "./Reasons.sol";
import {RecordLib} from "./RecordLib.sol";

/// @title Hashing of predictions and seals, and the rules that need nothing but the two structs.
/// @dev Hashes are taken over the raw calldata words. A word with dirty high bits therefore has another hash than the
/// clean value; `checked` refuses it before a prediction is acted upon.
library PredictionLib {
    /// @notice A prediction whose every field was found to be in range: reading one costs no further check.
    struct Checked {
        bytes32 mandateId;
        bytes32 modelId;
        uint256 sequence;
        bytes32 previousId;
        uint256 observedAt;
        uint256 entryExpiresAt;
        uint256 horizonAt;
        uint256 settleBy;
        uint256 referencePriceE8;
        uint256 maxNotionalUsdE6;
        uint256 maxLeverageBps;
        uint256 maxLossUsdE6;
        uint256 confidencePpm;
        bytes32 riskSpecHash;
        bytes32 evidenceHash;
        bytes32 seal;
    }

    /// @notice The same for a reveal.
    struct CheckedReveal {
        bytes32 salt;
        uint256 side;
        uint256 entryLimitE8;
        uint256 stopE8;
        uint256 targetE8;
        uint256 qtyE8;
        uint256 leverageBps;
    }

    bytes32 internal constant PREDICTION_TYPEHASH = keccak256(
        "Prediction(bytes32 mandateId,bytes32 modelId,uint64 sequence,bytes32 previousId,uint64 observedAt,uint64 entryExpiresAt,uint64 horizonAt,uint64 settleBy,uint128 referencePriceE8,uint128 maxNotionalUsdE6,uint32 maxLeverageBps,uint128 maxLossUsdE6,uint32 confidencePpm,bytes32 riskSpecHash,bytes32 evidenceHash,bytes32 seal)"
    );
    bytes32 internal constant SEAL_TYPEHASH = keccak256(
        "Seal(uint256 chainId,address validator,bytes32 mandateId,uint64 sequence,bytes32 salt,uint8 side,uint128 entryLimitE8,uint128 stopE8,uint128 targetE8,uint128 qtyE8,uint32 leverageBps)"
    );
    bytes32 internal constant MANDATE_TYPEHASH =
        keccak256("Mandate(bytes32 venueAccountHash,bytes32 marketHash,address operator)");

    uint8 internal constant LONG = 1;
    uint8 internal constant SHORT = 2;
    uint256 private constant E10 = 1e10; // E6 to E16 (price times quantity)
    uint256 private constant E16 = 1e16; // E6 to E22 (price times quantity times ppm)

    function structHash(Prediction calldata p) internal pure returns (bytes32 result) {
        bytes32 typeHash = PREDICTION_TYPEHASH;
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            mstore(ptr, typeHash)
            calldatacopy(add(ptr, 0x20), p, 0x200)
            result := keccak256(ptr, 0x220)
        }
    }

    /// @dev Reverts without data on a value wider than its type, as the compiler's own check does.
    function checked(Prediction calldata p) internal pure returns (Checked calldata w) {
        assembly ("memory-safe") {
            w := p
        }
        uint256 times = w.sequence | w.observedAt | w.entryExpiresAt | w.horizonAt | w.settleBy;
        uint256 amounts = w.referencePriceE8 | w.maxNotionalUsdE6 | w.maxLossUsdE6;
        if ((times >> 64) | (amounts >> 128) | ((w.maxLeverageBps | w.confidencePpm) >> 32) != 0) _refuse();
    }

    function checked(Reveal calldata r) internal pure returns (CheckedReveal calldata w) {
        assembly ("memory-safe") {
            w := r
        }
        uint256 amounts = w.entryLimitE8 | w.stopE8 | w.targetE8 | w.qtyE8;
        if ((amounts >> 128) | (w.side >> 8) | (w.leverageBps >> 32) != 0) _refuse();
    }

    function _refuse() private pure {
        assembly ("memory-safe") {
            revert(0, 0)
        }
    }

    function seal(bytes32 mandateId, uint256 sequence, Reveal calldata r) internal view returns (bytes32) {
        CheckedReveal calldata same;
        assembly ("memory-safe") {
            same := r
        }
        return _seal(mandateId, sequence, same);
    }

    function _seal(bytes32 mandateId, uint256 sequence, CheckedReveal calldata r)
        private
        view
        returns (bytes32 result)
    {
        bytes32 typeHash = SEAL_TYPEHASH;
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            mstore(ptr, typeHash)
            mstore(add(ptr, 0x20), chainid())
            mstore(add(ptr, 0x40), address())
            mstore(add(ptr, 0x60), mandateId)
            mstore(add(ptr, 0x80), sequence)
            calldatacopy(add(ptr, 0xa0), r, 0xe0)
            result := keccak256(ptr, 0x180)
        }
    }

    /// @notice Stands for the reveal of a sealed prediction; nobody may read it.
    function noReveal() internal pure returns (CheckedReveal calldata r) {
        assembly ("memory-safe") {
            r := 0
        }
    }

    /// @notice The reasons that follow from the prediction and its reveal alone.
    /// @return bits `Reasons`.
    /// @return entryDeviationBps distance of the entry limit from the reference price, rounded up, at most 65535.
    function inspect(Checked calldata p, CheckedReveal calldata r, uint256 feeReservePpm)
        internal
        view
        returns (uint256 bits, uint256 entryDeviationBps)
    {
        if (_seal(p.mandateId, p.sequence, r) != p.seal) bits |= Reasons.REVEAL_MISMATCH;
        bits |= inspectPublic(p);
        bits |= inspectReveal(r, p.maxLossUsdE6, p.maxNotionalUsdE6, p.maxLeverageBps, feeReservePpm);
        entryDeviationBps = deviationBps(r.entryLimitE8, p.referencePriceE8);
    }

    /// @notice The reasons that follow from what a seal does not hide.
    function inspectPublic(Checked calldata p) internal view returns (uint256 bits) {
        bits = _inspectTimes(p);
        // More than the record can hold is above any cap.
        if (p.maxLeverageBps > type(uint24).max) bits |= Reasons.LEVERAGE_CAP;
        if (p.maxNotionalUsdE6 > RecordLib.MAX_AMOUNT_E6) bits |= Reasons.NOTIONAL_CAP;
        if (p.maxLossUsdE6 > RecordLib.MAX_AMOUNT_E6) bits |= Reasons.LOSS_CAP;
        if (p.confidencePpm > 1e6) bits |= Reasons.CONFIDENCE_LOW;
    }

    /// @notice The reasons that need the direction: the stop's side, the loss at the stop, the size, the leverage.
    function inspectReveal(
        CheckedReveal calldata r,
        uint256 maxLossUsdE6,
        uint256 maxNotionalUsdE6,
        uint256 maxLeverageBps,
        uint256 feeReservePpm
    ) internal pure returns (uint256 bits) {
        bits = _inspectLoss(r, maxLossUsdE6, maxNotionalUsdE6, feeReservePpm);
        if (!_stopSideHolds(r)) bits |= Reasons.STOP_SIDE;
        if (r.leverageBps > maxLeverageBps) bits |= Reasons.LEVERAGE_CAP;
    }

    function _inspectTimes(Checked calldata p) private view returns (uint256) {
        uint256 observedAt = p.observedAt;
        uint256 entryExpiresAt = p.entryExpiresAt;
        uint256 settleBy = p.settleBy;
        uint256 horizonAt = p.horizonAt;
        bool ordered = observedAt < entryExpiresAt && entryExpiresAt <= horizonAt && horizonAt <= settleBy
            && observedAt <= block.timestamp && entryExpiresAt - observedAt <= RecordLib.MAX_ENTRY_SECONDS
            && settleBy - observedAt <= RecordLib.MAX_TRIP_SECONDS;
        return ordered ? 0 : Reasons.TIMES_DISORDERED;
    }

    function _inspectLoss(
        CheckedReveal calldata r,
        uint256 maxLossUsdE6,
        uint256 maxNotionalUsdE6,
        uint256 feeReservePpm
    ) private pure returns (uint256 bits) {
        uint256 qty = r.qtyE8;
        uint256 entry = r.entryLimitE8;
        uint256 stop = r.stopE8;
        if (qty > type(uint96).max || entry > type(uint96).max || stop > type(uint96).max) {
            return Reasons.STOP_DISTANCE | Reasons.REVEAL_NOTIONAL;
        }
        // Factors of 96, 97 and 20 bits against 128 bits times 1e16: nothing here reaches 2^216. Comparing products
        // instead of quotients rounds the loss up.
        unchecked {
            uint256 distance = entry > stop ? entry - stop : stop - entry;
            uint256 lossE22 = qty * (distance * 1e6 + (entry + stop) * feeReservePpm);
            if (lossE22 > maxLossUsdE6 * E16) bits = Reasons.STOP_DISTANCE;
            if (qty * entry > maxNotionalUsdE6 * E10) bits |= Reasons.REVEAL_NOTIONAL;
        }
    }

    function _stopSideHolds(CheckedReveal calldata r) private pure returns (bool) {
        uint256 side = r.side;
        uint256 entry = r.entryLimitE8;
        uint256 stop = r.stopE8;
        uint256 target = r.targetE8;
        if (r.qtyE8 == 0 || stop == 0 || target == 0) return false;
        if (side == LONG) return stop < entry && entry < target;
        if (side == SHORT) return target < entry && entry < stop;
        return false;
    }

    /// @notice Distance of a price from the reference in bps, rounded up, at most 65535.
    function deviationBps(uint256 priceE8, uint256 referenceE8) internal pure returns (uint256) {
        if (referenceE8 == 0) return type(uint16).max;
        uint256 distance = priceE8 > referenceE8 ? priceE8 - referenceE8 : referenceE8 - priceE8;
        return Math.min(Math.ceilDiv(distance * 1e4, referenceE8), type(uint16).max);
    }
}
