// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SettlementDesk} from "./SettlementDesk.sol";
import {ValidatorBooks} from "./ValidatorBooks.sol";

/// @title PredictionValidator
///
/// PROMISES
/// - No approval without a prediction signed by its model's publisher, in the mandate's gapless sequence, and a verdict
///   delivered by an enabled transport. Every rule is evaluated; a breach is recorded with all its reasons, it never
///   reverts, so that no transport can swallow or retry it.
/// - A record moves only along Registered, Approved, Settled, Final (or Rejected, Cancelled, Expired); Rejected, Final
///   and Cancelled never change. An expiry is provisional until its window ends.
/// - What is approved is reserved (open count, notional, declared loss) until the trip is settled, cancelled or expired;
///   a rejection reserves nothing.
/// - Profit and loss are computed here from witnessed sums, exactly; what is out of the ordinary is flagged, not hidden
///   and not refused, because refusing would leave the books open. Silence costs the declared loss and a penalty.
/// - Every entry extends one hash chain that anyone can fold again from the events.
///
/// DOES NOT PROMISE
/// - That attesters are honest: that is the quorum's threshold and their independence.
/// - That the venue's fills are true: they are witnessed, compared with the feed's history and bounded by the
///   reservation, not proved.
/// - Anything about money: the fund reads its results from here, one epoch at a time.
///
/// SEAMS. Predictions are revealed at submission (open mode). The seal binds the same reveal again at settlement, so a
/// sealed mode only moves the direction-bound rules from `PredictionLib.inspect` to the attesters' flags; the registry
/// already marks private models. The states Disputed and Voided are reserved for a court that acts before Final.
contract PredictionValidator is SettlementDesk {
    /// @param registry_ models, for good.
    /// @param policy_ the rule book; replaceable after `policyDelaySeconds_`.
    /// @param firstSnapshotAt_ end of epoch 1 and origin of the epoch grid.
    /// @param feeReservePpm_ fees assumed for each side of a trip when the loss at the stop is checked.
    constructor(
        address owner_,
        address guardian_,
        address registry_,
        address policy_,
        uint64 firstSnapshotAt_,
        uint64 epochLengthSeconds_,
        uint64 policyDelaySeconds_,
        uint32 feeReservePpm_
    )
        ValidatorBooks(
            owner_,
            guardian_,
            registry_,
            policy_,
            firstSnapshotAt_,
            epochLengthSeconds_,
            policyDelaySeconds_,
            feeReservePpm_
        )
    {}
}
