/**
 * What breaks each promise of docs/invariants.md: one change of a contract that the named invariant must find.
 * `npm run invariants:mutants` makes each of them in a copy of the tree. `before` occurs exactly once in `file`.
 */
export interface Mutant {
  id: string;
  /** What the change does, in words. */
  what: string;
  file: string;
  before: string;
  after: string;
  /** The suite and the function in it that must fail. */
  test: string;
  invariant: string;
}

const PROTOCOL = "test/contracts/invariants/Protocol.t.sol";

export const MUTANTS: Mutant[] = [
  {
    id: "D1",
    what: "a result is final before its window ends",
    file: "contracts/core/SettlementDesk.sol",
    before: "        _notBefore(RecordLib.finalizableAt(b));\n",
    after: "",
    test: PROTOCOL,
    invariant: "invariant_D1_statesMoveOnlyForward",
  },
  {
    id: "D2",
    what: "a prediction may skip a sequence",
    file: "contracts/core/AttestationDesk.sol",
    before: "return p.sequence == last + 1 &&",
    after: "return p.sequence > last &&",
    test: PROTOCOL,
    invariant: "invariant_D2_sequenceIsGaplessPerMandate",
  },
  {
    id: "D3",
    what: "a revocation leaves the chain as it was",
    file: "contracts/core/SettlementDesk.sol",
    before: "emit ApprovalRevoked(id, msg.sender, _extendHead(Entry.Revoked, id, 0));",
    after: "emit ApprovalRevoked(id, msg.sender, _ledger.head);",
    test: PROTOCOL,
    invariant: "invariant_D3_headIsTheFoldOfAllEvents",
  },
  {
    id: "D4",
    what: "another deadline is mixed with the old one",
    file: "contracts/libraries/RecordLib.sol",
    before: "return (b & ~(uint256(type(uint32).max) << 112)) | (finalizableAt_ << 112);",
    after: "return b | (finalizableAt_ << 112);",
    test: PROTOCOL,
    invariant: "invariant_D4_recordsSayWhatWasDecided",
  },
  {
    id: "D4b",
    what: "bond on its way out backs approvals",
    file: "contracts/fund/BondVault.sol",
    before: "return Math.saturatingSub(_bondE6, _releasingE6);",
    after: "return _bondE6;",
    test: PROTOCOL,
    invariant: "invariant_D4_recordsSayWhatWasDecided",
  },
  {
    id: "D5",
    what: "an unopened reveal is booked",
    file: "contracts/core/SettlementDesk.sol",
    before: "} else if (!opened) {",
    after: "} else if (!opened && p.seal == 0) {",
    test: PROTOCOL,
    invariant: "invariant_D5_revealOpensTheSeal",
  },
  {
    id: "D6",
    what: "only the owner may expire",
    file: "contracts/core/SettlementDesk.sol",
    before: "        _notBefore(RecordLib.settleBy(a) + grace + 1);\n",
    after: "        _notBefore(RecordLib.settleBy(a) + grace + 1);\n        _checkOwner();\n",
    test: PROTOCOL,
    invariant: "invariant_D6_overdueIsClosedByAnyone",
  },
  {
    id: "D7",
    what: "a rejection reserves what it refused",
    file: "contracts/core/AttestationDesk.sol",
    before:
      "        if (c.reasons != 0) return _reject(c.id, x.mandateId, c.head, c.reasons, c.attesterReason);\n\n        _reserve(book, c);\n",
    after:
      "        _reserve(book, c);\n        if (c.reasons != 0) return _reject(c.id, x.mandateId, c.head, c.reasons, c.attesterReason);\n",
    test: PROTOCOL,
    invariant: "invariant_D7_rejectionReservesNothing",
  },
  {
    id: "D8",
    what: "a late entry is not flagged",
    file: "contracts/libraries/SettlementLib.sol",
    before: "        if (f.entryLastAt > t.entryExpiresAt) flags |= SettlementFlags.ENTRY_LATE;\n",
    after: "",
    test: PROTOCOL,
    invariant: "invariant_D8_timesHoldOrAreFlagged",
  },
  {
    id: "D9",
    what: "a final result may become final again",
    file: "contracts/core/SettlementDesk.sol",
    before: "if (state != State.Settled && state != State.Expired) _wrongState(id, state);",
    after:
      "if (state != State.Settled && state != State.Expired && state != State.Final) _wrongState(id, state);",
    test: PROTOCOL,
    invariant: "invariant_D9_sameReportTwiceChangesNothing",
  },
  {
    id: "R1",
    what: "a cancel releases nothing",
    file: "contracts/core/SettlementDesk.sol",
    before: "        _release(_ledger.books[p.mandateId], k.a);\n",
    after: "",
    test: PROTOCOL,
    invariant: "invariant_R1_openIsTheSumUnderItsCap",
  },
  {
    id: "R2",
    what: "the loss budget ignores the loss that is asked for",
    file: "contracts/core/RiskPolicy.sol",
    before: "if (x.reservedLossUsdE6 + x.maxLossUsdE6 > l.lossBudgetUsdE6)",
    after: "if (x.reservedLossUsdE6 > l.lossBudgetUsdE6)",
    test: PROTOCOL,
    invariant: "invariant_R2_reservedLossIsTheSumUnderItsBudget",
  },
  {
    id: "R3",
    what: "the bucket refills a hundred times as fast",
    file: "contracts/core/RiskPolicy.sol",
    before: "elapsed * l.ratePerDayNotionalUsdE6)",
    after: "elapsed * 100 * l.ratePerDayNotionalUsdE6)",
    test: PROTOCOL,
    invariant: "invariant_R3_noWindowExceedsItsRate",
  },
  {
    id: "R4",
    what: "the breaker counts only during a pause",
    file: "contracts/core/RiskPolicy.sol",
    before: "return breakerCause != 0 || block.timestamp < pausedUntil;",
    after: "return breakerCause != 0 && block.timestamp < pausedUntil;",
    test: PROTOCOL,
    invariant: "invariant_R4_haltStopsNewRiskOnly",
  },
  {
    id: "R4b",
    what: "the breaker stops settlements too",
    file: "contracts/core/SettlementDesk.sol",
    before: "        SettlementLib.Terms memory t = _terms(k, entryRound, exitRound);\n",
    after:
      "        if (IRiskPolicy(_policy).halted()) return _ignore(k.id, Status.NOT_OPEN);\n        SettlementLib.Terms memory t = _terms(k, entryRound, exitRound);\n",
    test: PROTOCOL,
    invariant: "invariant_R4_haltStopsNewRiskOnly",
  },
  {
    id: "R5",
    what: "the drawdown rule is gone",
    file: "contracts/core/RiskPolicy.sol",
    before: "bits |= Reasons.DRAWDOWN;",
    after: "bits |= 0;",
    test: PROTOCOL,
    invariant: "invariant_R5_drawdownHoldsAtEveryApproval",
  },
  {
    id: "R5b",
    what: "the peak never rises",
    file: "contracts/libraries/LedgerLib.sol",
    before: "        if (pnl > int256(uint256(book.peakPnlE8))) book.peakPnlE8 = uint64(uint256(pnl));\n",
    after: "",
    test: PROTOCOL,
    invariant: "invariant_R5_drawdownHoldsAtEveryApproval",
  },
  {
    id: "R6",
    what: "a loosening applies at once",
    file: "contracts/core/RiskPolicy.sol",
    before:
      "        if (block.timestamp < change.applicableAt) revert PolicyTooEarly(block.timestamp, change.applicableAt);\n",
    after: "",
    test: PROTOCOL,
    invariant: "invariant_R6_looseningWaitsTighteningDoesNot",
  },
  {
    id: "R7",
    what: "any older round brackets a fill",
    file: "contracts/libraries/BandLib.sol",
    before: "        if (followed ? nextAt <= time : !_isLatest(feed, round)) return Answer.BadHint;\n",
    after: "        if (!followed && !_isLatest(feed, round) && nextAt <= time) return Answer.BadHint;\n",
    test: PROTOCOL,
    invariant: "invariant_R7_priceHoldsOrIsFlagged",
  },
  {
    id: "A1",
    what: "one member signs twice",
    file: "contracts/attest/QuorumAttester.sol",
    before: "if (signer <= previous) revert QuorumUnsorted(previous, signer);",
    after: "if (signer < previous) revert QuorumUnsorted(previous, signer);",
    test: PROTOCOL,
    invariant: "invariant_A1_fewerThanQuorumDecideNothing",
  },
  {
    id: "A2",
    what: "the publisher may witness",
    file: "contracts/attest/QuorumAttester.sol",
    before: "if (signer == executor || signer == operator || signer == publisher) {",
    after: "if (signer == executor || signer == operator || publisher == address(0)) {",
    test: PROTOCOL,
    invariant: "invariant_A2_partiesNeverWitness",
  },
  {
    id: "A3",
    what: "a removed member keeps its seat",
    file: "contracts/attest/QuorumAttester.sol",
    before: "        isSigner[signer] = false;\n",
    after: "",
    test: PROTOCOL,
    invariant: "invariant_A3_removedHaveNoEffect",
  },
  {
    id: "A3b",
    what: "a revoked model still speaks",
    file: "contracts/core/ModelRegistry.sol",
    before: "return (entry.publisher, entry.status == ModelStatus.Active, entry.index);",
    after: "return (entry.publisher, entry.status != ModelStatus.None, entry.index);",
    test: PROTOCOL,
    invariant: "invariant_A3_removedHaveNoEffect",
  },
  {
    id: "A4",
    what: "anyone may deliver settlements",
    file: "contracts/core/SettlementDesk.sol",
    before: "        if (!_adapters[msg.sender].maySettle) _unauthorised();\n",
    after: "",
    test: PROTOCOL,
    invariant: "invariant_A4_onlyEnabledDoorsLeadIn",
  },
  {
    id: "S3",
    what: "bonds are marked paid after the transfer",
    file: "contracts/court/DisputeCourt.sol",
    before:
      "        asset.safeTransfer(winner, toWinner);\n        if (toSink != 0) asset.safeTransfer(sink, toSink);\n",
    after:
      "        d.paid = false;\n        asset.safeTransfer(winner, toWinner);\n        if (toSink != 0) asset.safeTransfer(sink, toSink);\n        d.paid = true;\n",
    test: PROTOCOL,
    invariant: "invariant_S3_bondsPaidAreBondsPosted",
  },
];
