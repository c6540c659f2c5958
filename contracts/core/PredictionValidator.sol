// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DisputeDesk} from "./DisputeDesk.sol";
import {ValidatorBooks} from "./ValidatorBooks.sol";

/// @title PredictionValidator
///
/// PROMISES
/// - No approval without a prediction signed by its model's publisher, in the mandate's gapless sequence, and a verdict
///   delivered by an enabled transport. Every rule is evaluated; a breach is recorded with all its reasons, it never
///   reverts, so that no transport can swallow or retry it.
/// - A record moves only along Registered, Approved, Settled, Final (or Rejected, Cancelled, Expired); Rejected, Final,
///   Cancelled and Voided never change. An expiry is provisional until its window ends.
/// - Within its window a result may be disputed, once; from then on only the court moves it, to Final as posted, to Final
///   corrected, or to Voided, and the books follow exactly.
/// - A sealed prediction shows its worst case and hides its direction. What the seal hides is judged at the settlement by
///   the rules of an open approval; a breach is recorded, never refused.
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
/// - That the court is right: the pointer to it moves only after a delay, with no dispute open.
/// - That a corrected profit takes back the peak it had raised: the drawdown is then measured from too high a mark.
contract PredictionValidator is DisputeDesk {
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
