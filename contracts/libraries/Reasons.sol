// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Why a prediction was refused: one bit a rule, stable for ever.
/// @dev Bits 0 to 9 follow from the prediction, its reveal and the caps; the rest from the state of the world. Of a sealed
/// prediction bits 1, 2, 3, 5 and 9 are found at the reveal.
library Reasons {
    uint256 internal constant REVEAL_MISMATCH = 1 << 0;
    uint256 internal constant STOP_SIDE = 1 << 1;
    uint256 internal constant STOP_DISTANCE = 1 << 2;
    uint256 internal constant REVEAL_NOTIONAL = 1 << 3;
    uint256 internal constant TIMES_DISORDERED = 1 << 4;
    uint256 internal constant LEVERAGE_CAP = 1 << 5;
    uint256 internal constant NOTIONAL_CAP = 1 << 6;
    uint256 internal constant LOSS_CAP = 1 << 7;
    uint256 internal constant CONFIDENCE_LOW = 1 << 8;
    uint256 internal constant ENTRY_BAND = 1 << 9;
    uint256 internal constant MODEL_INACTIVE = 1 << 10;
    uint256 internal constant MANDATE_INACTIVE = 1 << 11;
    uint256 internal constant STALE = 1 << 12;
    uint256 internal constant LOSS_BUDGET = 1 << 13;
    uint256 internal constant OPEN_LIMIT = 1 << 14;
    uint256 internal constant RATE_COUNT = 1 << 15;
    uint256 internal constant RATE_NOTIONAL = 1 << 16;
    uint256 internal constant DRAWDOWN = 1 << 17;
    uint256 internal constant PRICE_BAND = 1 << 18;
    uint256 internal constant FEED_STALE = 1 << 19;
    uint256 internal constant HALTED = 1 << 20;
    uint256 internal constant FLAGS_MISSING = 1 << 21;
    uint256 internal constant ASSURANCE_LOW = 1 << 22;
    uint256 internal constant BOND_LOW = 1 << 23;
    uint256 internal constant EPOCH_END = 1 << 24;
    uint256 internal constant ATTESTATION_REFUSED = 1 << 25;
    uint256 internal constant UNATTESTED = 1 << 26;
    uint256 internal constant SEALED_PUBLIC_MODEL = 1 << 27;
    uint256 internal constant SEQUENCE_UNEXPECTED = 1 << 31;

    /// @notice The reasons in words, separated by "; ", or "ok".
    function text(uint256 bits) internal pure returns (string memory out) {
        if (bits == 0) return "ok";
        for (uint256 i = 0; i < 32; ++i) {
            if (bits & (1 << i) == 0) continue;
            out = bytes(out).length == 0 ? _word(i) : string.concat(out, "; ", _word(i));
        }
    }

    function _word(uint256 i) private pure returns (string memory) {
        if (i == 0) return "reveal does not match the seal";
        if (i == 1) return "stop or target on the wrong side";
        if (i == 2) return "loss at the stop exceeds the declared maximum loss";
        if (i == 3) return "size exceeds the declared maximum notional";
        if (i == 4) return "times out of order";
        if (i == 5) return "leverage above the cap";
        if (i == 6) return "open notional above the cap";
        if (i == 7) return "maximum loss above the cap per trade";
        if (i == 8) return "confidence below the minimum";
        if (i == 9) return "entry limit too far from the reference price";
        if (i == 10) return "model not active";
        if (i == 11) return "mandate not active";
        if (i == 12) return "observation, entry or attestation too old";
        if (i == 13) return "reserved losses exceed the loss budget";
        if (i == 14) return "too many open predictions";
        if (i == 15) return "too many predictions a day";
        if (i == 16) return "too much notional a day";
        if (i == 17) return "drawdown above the limit";
        if (i == 18) return "reference price outside the band around the feed";
        if (i == 19) return "price feed stale or silent";
        if (i == 20) return "new risk is halted";
        if (i == 21) return "attestation lacks a required flag";
        if (i == 22) return "assurance level too low";
        if (i == 23) return "operator bond too low";
        if (i == 24) return "would settle after the end of the epoch";
        if (i == 25) return "attesters refused";
        if (i == 26) return "nobody attested in time";
        if (i == 27) return "sealed, but the model is public";
        if (i == 31) return "not the next sequence of the mandate";
        return "unknown reason";
    }
}
