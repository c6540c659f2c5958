// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What a delivery led to. Below 10 something was recorded; from 10 on nothing was.
library Status {
    uint8 internal constant APPROVED = 1;
    uint8 internal constant REJECTED = 2;
    uint8 internal constant SETTLED = 3;
    uint8 internal constant CANCELLED = 4;
    uint8 internal constant REGISTERED = 5;

    uint8 internal constant ALREADY_KNOWN = 10;
    uint8 internal constant UNKNOWN_DIGEST = 11;
    uint8 internal constant WRONG_SEQUENCE = 12;
    uint8 internal constant WRONG_DOMAIN = 13;
    uint8 internal constant PAYLOAD_MISMATCH = 14;
    uint8 internal constant DIRTY_BITS = 15;
    uint8 internal constant BAD_SIGNATURE = 16;
    uint8 internal constant UNKNOWN_MANDATE = 17;
    uint8 internal constant TOO_EARLY = 18;
    uint8 internal constant BAD_ROUNDS = 19;
    uint8 internal constant BAD_REVEAL = 20;
    uint8 internal constant STATEMENT_EXPIRED = 21;
    uint8 internal constant NOT_OPEN = 22;
}
