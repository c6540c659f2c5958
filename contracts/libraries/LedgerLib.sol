// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RecordLib} from "./RecordLib.sol";

/// @dev A mandate's books. Slot by slot; a verdict reads the first three, a rejection writes the first two. No policy can
/// overflow the reservations: 65535 open predictions of 52 bits each fit into 72.
struct Book {
    uint16 index; // from 1, so that 0 says: no such mandate
    uint32 lastSequence;
    uint16 openCount;
    uint72 openNotionalUsdE6;
    uint72 reservedLossUsdE6;
    uint40 bucketAt;
    bytes32 lastId;
    uint40 countUsedScaled;
    uint88 notionalUsedScaled;
    int64 pnlE8;
    uint64 peakPnlE8;
    address operator;
    bytes32 venueAccountHash;
    bytes32 marketHash;
}

struct EpochBook {
    uint64 opened; // both counters start at 1, so that the slot is paid for before its first approval
    uint64 finalized;
    int128 pnlE8;
}

/// @dev Kinds of entries in the hash chain.
enum Entry {
    None,
    Approved,
    Rejected,
    Revoked,
    Settled,
    Cancelled,
    Expired,
    Finalized,
    Disputed,
    Resolved
}

/// @dev All that a prediction's result moves, and who may dispute it: in one place, so that the validator's library gets
/// it by one reference.
struct Ledger {
    bytes32 head;
    address court;
    uint64 openDisputes;
    address nextCourt;
    uint64 nextCourtAt;
    mapping(bytes32 id => RecordLib.Words) records;
    mapping(bytes32 mandateId => Book) books;
    mapping(uint32 epoch => EpochBook) epochs;
    bytes32[] mandateIds;
}

/// @title Writing into the ledger.
library LedgerLib {
    /// @notice Extends the hash chain by one entry.
    function extend(Ledger storage ledger, Entry kind, bytes32 id, bytes32 data) internal returns (bytes32 next) {
        bytes32 current = ledger.head;
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            mstore(ptr, current)
            mstore(add(ptr, 0x20), kind)
            mstore(add(ptr, 0x40), id)
            mstore(add(ptr, 0x60), data)
            next := keccak256(ptr, 0x80)
        }
        ledger.head = next;
    }

    /// @dev The books saturate rather than stop a settlement; 64 bits of E8 are 92 billion dollars.
    function bookPnl(Book storage book, int256 change) internal {
        int256 pnl = book.pnlE8 + change;
        if (pnl > type(int64).max) pnl = type(int64).max;
        if (pnl < type(int64).min) pnl = type(int64).min;
        book.pnlE8 = int64(pnl);
        if (pnl > int256(uint256(book.peakPnlE8))) book.peakPnlE8 = uint64(uint256(pnl));
    }

    /// @notice Counts one result of an epoch as final.
    function bookFinal(EpochBook storage epoch, int256 pnl) internal {
        (epoch.finalized, epoch.pnlE8) = (epoch.finalized + 1, int128(epoch.pnlE8 + pnl));
    }

    function mandateIdOf(Ledger storage ledger, uint256 a) internal view returns (bytes32) {
        return ledger.mandateIds[RecordLib.mandateIndex(a) - 1];
    }
}
