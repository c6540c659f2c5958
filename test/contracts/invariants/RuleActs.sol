// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttesterBonds} from "../../../contracts/interfaces/IAttesterBonds.sol";
import {IFundVault} from "../../../contracts/interfaces/IFundVault.sol";
import {IModelRegistry} from "../../../contracts/interfaces/IModelRegistry.sol";
import {IPredictionValidator} from "../../../contracts/interfaces/IPredictionValidator.sol";
import {IQuorumAttester} from "../../../contracts/interfaces/IQuorumAttester.sol";
import {IRiskPolicy, LimitField} from "../../../contracts/interfaces/IRiskPolicy.sol";
import {State} from "../../../contracts/interfaces/Types.sol";
import {Rule} from "./Chronicle.sol";
import {CourtActs} from "./CourtActs.sol";
import {vm} from "./Protocol.sol";

/// @title Owner, guardian, feeder, clock, donors and intruders: the rules change and the world goes on.
abstract contract RuleActs is CourtActs {
    struct Loosening {
        uint256 value;
        uint256 applicableAt;
    }

    uint256 private constant GUARDIANS_PAUSE = 2 hours;

    mapping(uint256 mandate => mapping(uint256 field => Loosening)) private _loosenings;
    mapping(uint256 attester => uint256) private _seatableAt;
    bool private _pauseSpent;
    int256 private _lastEquityE8;
    uint256 public tightenings;
    uint256 public loosenings;
    uint256 public halts;
    uint256 public removals;
    uint256 public epochs;
    uint256 public intrusions;
    uint256 public repeats;

    /* LIMITS */

    function _tightener(uint256 field) private pure returns (string memory) {
        return [
            "deactivateMandate(bytes32)",
            "tightenMaxNotionalUsdE6(bytes32,uint128)",
            "tightenMaxLossUsdE6(bytes32,uint128)",
            "tightenLossBudgetUsdE6(bytes32,uint128)",
            "tightenRatePerDayNotionalUsdE6(bytes32,uint128)",
            "tightenRatePerDayCount(bytes32,uint16)",
            "tightenMaxOpen(bytes32,uint16)",
            "tightenMaxLeverageBps(bytes32,uint32)",
            "tightenMinConfidencePpm(bytes32,uint32)",
            "tightenMaxDrawdownBps(bytes32,uint16)",
            "",
            "tightenMinBondBps(bytes32,uint16)",
            "tightenRequiredFlags(bytes32,uint8)",
            "tightenMinLevel(bytes32,uint8)",
            "tightenPriceBandBps(bytes32,uint16)",
            "tightenEntryBandBps(bytes32,uint16)",
            "tightenFillBandBps(bytes32,uint16)",
            "tightenMaxAgeSeconds(bytes32,uint32)",
            "",
            "tightenFeedHeartbeatSeconds(bytes32,uint32)",
            "",
            "tightenDisputeWindowSeconds(bytes32,uint32)",
            ""
        ][field];
    }

    /// @dev Higher is tighter for some, more bits for one, lower for the rest.
    function _tighter(uint256 field, uint256 old, uint256 next) private pure returns (bool) {
        if (field == uint256(LimitField.RequiredFlags)) return next != old && next | old == next;
        bool upward = field == uint256(LimitField.MinConfidencePpm) || field == uint256(LimitField.MinBondBps)
            || field == uint256(LimitField.MinLevel) || field == uint256(LimitField.DisputeWindowSeconds);
        return upward ? next > old : next < old;
    }

    /// @dev A value near what the mandate started with, so that rules stay meaningful.
    function _value(uint256 m, uint256 field, uint256 seed) private view returns (uint256) {
        if (field == uint256(LimitField.Active)) return _one(seed, 4, 90) == 0 ? 0 : 1;
        if (field == uint256(LimitField.Feed)) return uint160(address(feeds[m]));
        if (field == uint256(LimitField.RequiredFlags)) return _one(seed, 2, 90) == 0 ? 0x1f : _one(seed, 32, 91);
        if (field == uint256(LimitField.MinLevel)) return 1 + _one(seed, 2, 90);
        uint256 first = _fields(_firstLimits(address(feeds[m])))[field];
        return _one(seed, 3, 90) == 0 ? first : first * (70 + _one(seed, 71, 91)) / 100;
    }

    function _tighten(uint256 seed) internal {
        (uint256 m, uint256 field) = (_one(seed, MANDATES, 92), _one(seed, LIMIT_FIELDS, 93));
        string memory name = _tightener(field);
        if (bytes(name).length == 0) return;
        uint256 value = field == 0 ? 0 : _value(m, field, seed);
        if (field == 0 && _one(seed, 4, 94) != 0) return; // a mandate that is off tells nothing more
        bytes memory data = field == 0
            ? abi.encodeWithSignature(name, mandateIds[m])
            : abi.encodeWithSignature(name, mandateIds[m], value);
        bool allowed = _one(seed, 6, 95) != 0;
        (bool ok,) = _call(allowed ? GUARDIAN : STRANGER, address(policy), data);
        bool due = allowed && _tighter(field, _limits[m][field], value);
        _require(ok == due, Rule.R6, "tightened by nobody, not tighter, or not at once");
        if (!ok) return;
        _limits[m][field] = value;
        delete _loosenings[m][field];
        ++tightenings;
    }

    /// @dev Schedules, applies (too early as well), or cancels.
    function _loosen(uint256 seed) internal {
        (uint256 m, uint256 field) = (_one(seed, MANDATES, 96), _one(seed, LIMIT_FIELDS, 97));
        for (uint256 i = 0; i < LIMIT_FIELDS && _one(seed, 3, 98) != 0; ++i) {
            if (_loosenings[m][(field + i) % LIMIT_FIELDS].applicableAt == 0) continue;
            field = (field + i) % LIMIT_FIELDS; // something is scheduled: most often that is acted upon
            break;
        }
        Loosening storage l = _loosenings[m][field];
        if (l.applicableAt == 0) return _schedule(m, field, seed);
        if (_one(seed, 8, 99) == 0) {
            bytes memory undo = abi.encodeCall(IRiskPolicy.cancelLimit, (mandateIds[m], LimitField(field)));
            (bool cancelled,) = _call(GUARDIAN, address(policy), undo);
            _require(cancelled, Rule.R6, "a loosening cannot be cancelled");
            delete _loosenings[m][field];
            return;
        }
        uint256 chance = _one(seed, 4, 100);
        if (chance == 0 && block.timestamp < l.applicableAt) vm.warp(l.applicableAt - 1);
        if (chance == 1 && block.timestamp < l.applicableAt) vm.warp(l.applicableAt);
        bytes memory data = abi.encodeCall(IRiskPolicy.applyLimit, (mandateIds[m], LimitField(field)));
        (bool ok,) = _call(STRANGER, address(policy), data);
        _require(ok == (block.timestamp >= l.applicableAt), Rule.R6, "loosened before its delay, or not after it");
        if (!ok) return;
        _limits[m][field] = l.value;
        delete _loosenings[m][field];
        ++loosenings;
    }

    function _schedule(uint256 m, uint256 field, uint256 seed) private {
        uint256 value = _value(m, field, seed);
        bytes memory data = abi.encodeCall(IRiskPolicy.scheduleLimit, (mandateIds[m], LimitField(field), value));
        bool mine = _one(seed, 6, 101) != 0;
        (bool ok,) = _call(mine ? address(this) : GUARDIAN, address(policy), data);
        _require(ok == mine, Rule.R6, "a loosening was scheduled by another than the owner");
        if (ok) _loosenings[m][field] = Loosening(value, block.timestamp + LOOSEN_DELAY);
    }

    /* STOPS */

    function _stop(uint256 seed) internal {
        uint256 kind = _one(seed, 8, 102);
        if (kind == 0) {
            (bool ok,) =
                _call(GUARDIAN, address(policy), abi.encodeCall(IRiskPolicy.pauseNewRisk, (uint64(GUARDIANS_PAUSE))));
            _require(ok == !_pauseSpent, Rule.R4, "the guardian paused twice, or not at all");
            if (!ok) return;
            (_pauseSpent, _pausedUntil) = (true, block.timestamp + GUARDIANS_PAUSE);
            ++halts;
        } else if (kind == 1) {
            (bool ok,) = _call(GUARDIAN, address(policy), abi.encodeCall(IRiskPolicy.tripBreaker, (2)));
            _require(ok, Rule.R4, "the guardian cannot trip the breaker");
            _breaker = true;
            ++halts;
        } else if (kind == 2) {
            (bool ok,) = _call(STRANGER, address(policy), abi.encodeCall(IRiskPolicy.tripBreaker, (2)));
            (bool reset,) = _call(GUARDIAN, address(policy), abi.encodeCall(IRiskPolicy.resetBreaker, ()));
            _require(!ok && !reset, Rule.R4, "the breaker moved by another's hand");
        } else if (kind < 6) {
            _reset();
        } else {
            (bool ok,) = _call(address(this), address(policy), abi.encodeCall(IRiskPolicy.rearmPause, ()));
            _require(ok, Rule.R4, "the owner cannot rearm the pause");
            _pauseSpent = false;
        }
    }

    /* WHO MAY SPEAK */

    function _seats(uint256 seed) internal {
        uint256 kind = _one(seed, 12, 103);
        uint256 i = _one(seed, ATTESTERS, 104);
        address account = vm.addr(_attesterKeys[i]);
        if (kind < 2) _remove(i, account, seed);
        else if (kind < 6) _seat(i);
        else if (kind == 6) _equivocate(i, account, seed);
        else if (kind < 9) {
            // the executor sits in the quorum for a while
            address next = _executor == EXECUTOR ? account : EXECUTOR;
            bytes memory data = abi.encodeCall(IPredictionValidator.setExecutor, (next));
            (bool ok,) = _call(address(this), address(validator), data);
            if (ok) _executor = next;
        } else if (kind == 9) {
            bytes memory data = _gelatoOn
                ? abi.encodeCall(IPredictionValidator.disableAdapter, (address(gelato)))
                : abi.encodeCall(IPredictionValidator.setAdapter, (address(gelato), 1, 0x1b, false));
            (bool ok,) = _call(_gelatoOn ? GUARDIAN : address(this), address(validator), data);
            if (ok) _gelatoOn = !_gelatoOn;
        } else if (_one(seed, 2, 105) == 0) {
            bytes32 modelId = _one(seed, 2, 106) == 0 ? PRIVATE_MODEL : ATTESTERS_MODEL;
            (bool ok,) = _call(GUARDIAN, address(registry), abi.encodeCall(IModelRegistry.revokeModel, (modelId)));
            _require(ok == !_inactive[modelId], Rule.A3, "a model cannot be revoked, or twice");
            _inactive[modelId] = true;
        }
    }

    function _remove(uint256 i, address account, uint256 seed) private {
        bool allowed = _one(seed, 3, 107) != 0;
        bytes memory data = abi.encodeCall(IQuorumAttester.removeSigner, (account));
        (bool ok,) = _call(allowed ? GUARDIAN : OPERATOR, address(quorum), data);
        _require(ok == (allowed && _seated[i]), Rule.A3, "a member was removed by nobody, or could not be");
        if (ok) _unseat(i);
    }

    function _unseat(uint256 i) private {
        _seated[i] = false;
        ++_setEpoch;
        ++removals;
    }

    /// @dev Brings somebody who is out back in, as slowly as the contract wants.
    function _seat(uint256 i) private {
        for (uint256 n = 0; n < ATTESTERS && _seated[i]; ++n) i = (i + 1) % ATTESTERS;
        if (_seated[i]) return;
        address account = vm.addr(_attesterKeys[i]);
        if (_seatableAt[i] == 0) {
            (bool scheduled,) =
                _call(address(this), address(quorum), abi.encodeCall(IQuorumAttester.scheduleSigner, (account)));
            if (scheduled) _seatableAt[i] = block.timestamp + SIGNER_DELAY;
        }
        if (!bonds.isBonded(account)) {
            usd.mint(address(this), ATTESTER_BOND_E6);
            bonds.postBond(account, ATTESTER_BOND_E6);
        }
        (bool ok,) = _call(STRANGER, address(quorum), abi.encodeCall(IQuorumAttester.addSigner, (account)));
        _require(ok == (block.timestamp >= _seatableAt[i]), Rule.A3, "seated before the delay, or not after it");
        if (!ok) {
            vm.warp(block.timestamp + 10 minutes);
            return;
        }
        (_seated[i], _seatableAt[i]) = (true, 0);
        ++_setEpoch;
    }

    /// @dev Two verdicts of one member on one prediction: anyone has its bond and its seat.
    function _equivocate(uint256 i, address account, uint256 seed) private {
        Offer memory o = _draft(seed, false);
        _seal(o);
        bytes memory yes = _verdict(o.p, o.id, o.expiresAt, 1);
        bytes memory no = _one(seed, 4, 108) == 0 ? yes : _verdict(o.p, o.id, o.expiresAt, 2);
        bytes32 digest = _quorumDigest(address(quorum), ATTESTATION, yes, _setEpoch);
        bytes memory first = _sign(_attesterKeys[i], digest);
        digest = _quorumDigest(address(quorum), ATTESTATION, no, _setEpoch);
        bytes memory second = _sign(_attesterKeys[_one(seed, 4, 109) == 0 ? (i + 1) % ATTESTERS : i], digest);
        bool guilty = _one(seed, 4, 108) != 0 && _one(seed, 4, 109) != 0;
        guilty = guilty && (_seated[i] || bonds.bondUsdE6(account) != 0);
        bytes memory data = abi.encodeCall(
            IAttesterBonds.proveEquivocation, (yes, _setEpoch, first, no, _setEpoch, second)
        );
        (bool ok,) = _call(STRANGER, address(bonds), data);
        _require(ok == guilty, Rule.A3, "an honest member was slashed, or a liar kept its seat");
        if (ok && _seated[i]) _unseat(i);
    }

    /* THE WORLD */

    function _live(uint256 seed) internal {
        uint256 kind = _one(seed, 10, 110);
        uint256 m = _one(seed, MANDATES, 111);
        if (kind < 3) vm.warp(block.timestamp + 1 + _one(seed, 10 minutes, 112));
        else if (kind == 3) vm.warp(block.timestamp + _one(seed, 6 hours, 112));
        else if (kind < 6) _tick(m, seed);
        else if (kind == 6) _donate(seed);
        else if (kind == 7) _bond(seed);
        else _closeEpoch(seed);
    }

    /// @dev A price now or a while ago; the feed takes no time before its last.
    function _tick(uint256 m, uint256 seed) private {
        _push(m, _price(m) * (9_850 + _one(seed, 301, 113)) / 10_000, block.timestamp - _one(seed, 400, 114));
    }

    function _donate(uint256 seed) private {
        address[6] memory to = [
            address(court), address(validator), address(fund), address(bondVault), address(bonds), address(quorum)
        ];
        uint256 amount = 1 + _one(seed, 1e12, 115);
        address lucky = to[_one(seed, 6, 116)];
        usd.mint(lucky, amount);
        if (lucky == address(court)) _donatedToCourt += amount;
    }

    /// @dev The operator's bond comes and goes, so that it is too low at times.
    function _bond(uint256 seed) private {
        uint256 amount = 1 + _one(seed, 10_000e6, 117);
        if (_one(seed, 3, 118) != 0) {
            usd.mint(OPERATOR, amount);
            _call(OPERATOR, address(bondVault), abi.encodeCall(bondVault.postBond, (amount)));
            return;
        }
        _call(OPERATOR, address(bondVault), abi.encodeCall(bondVault.requestRelease, (amount)));
        vm.warp(block.timestamp + 600);
        _call(OPERATOR, address(bondVault), abi.encodeCall(bondVault.releaseBond, ()));
    }

    /// @dev Waits until everything that is not in court can be final.
    function _tidy() private {
        for (uint256 i = 0; i < _ids.length; ++i) {
            Trip storage t = _trips[_ids[i]];
            if (t.state == State.Approved) {
                _waitUntil(t.p.settleBy + _limit(t.mandate, LimitField.SettleGraceSeconds) + 1);
                _expireDue(_ids[i]);
            }
            if (t.state != State.Settled && t.state != State.Expired) continue;
            _waitUntil(t.finalizableAt);
            _finalizeDue(_ids[i]);
        }
        _waitUntil(_snapshotAt);
    }

    function _waitUntil(uint256 time) private {
        if (block.timestamp < time) vm.warp(time);
    }

    /// @dev With an equity that explains the results, or one that does not and stops new risk.
    function _closeEpoch(uint256 seed) private {
        if (_one(seed, 3, 123) == 0) _tidy();
        uint256[] memory keys = _members(seed, [_executor, OPERATOR, address(0)]);
        if (keys.length == 0 || block.timestamp < _snapshotAt) return;
        bool open;
        int256 pnlE8;
        for (uint256 i = 0; i < _ids.length; ++i) {
            Trip storage t = _trips[_ids[i]];
            if (t.approvedAt == 0 || t.epoch != _epoch) continue;
            if (t.state != State.Final && t.state != State.Voided && t.state != State.Cancelled) open = true;
            pnlE8 += t.pnlE8;
        }
        bool explained = _one(seed, 4, 119) != 0;
        int256 equityE8 = _lastEquityE8 + pnlE8 + (explained ? int256(0) : int256(2e8));
        bytes memory payload = _epochStatement(_epoch, equityE8, _snapshotAt);
        bytes32 digest = _quorumDigest(address(quorum), EPOCH, payload, _setEpoch);
        bytes memory data = abi.encodeCall(IQuorumAttester.closeEpoch, (payload, _signatures(keys, digest)));
        (bool ok,) = _call(STRANGER, address(quorum), data);
        _require(ok == !open, Rule.D6, "an epoch closed over open trips, or could not close");
        if (!ok) return;
        _lastEquityE8 = equityE8;
        if (!explained) _breaker = true;
        ++_epoch;
        while (_snapshotAt <= block.timestamp) _snapshotAt += EPOCH_SECONDS;
        ++epochs;
    }

    /* INTRUDERS */

    /// @dev Whoever is nobody calls every door by hand.
    function _intrude(uint256 seed) internal {
        bytes32 id = _ids.length == 0 ? bytes32(0) : _ids[seed % _ids.length];
        address[4] memory who = [STRANGER, OPERATOR, _executor, GUARDIAN];
        bytes memory data = _door(seed, id);
        ++intrusions;
        _refused(Rule.A4, "a door stood open", who[_one(seed, 4, 120)], address(validator), data);
        bytes memory payload = _epochStatement(_epoch, 0, _snapshotAt);
        data = abi.encodeCall(IFundVault.closeEpoch, (payload));
        _refused(Rule.A4, "anyone closes an epoch", who[_one(seed, 4, 121)], address(fund), data);
    }

    function _door(uint256 seed, bytes32 id) private returns (bytes memory) {
        uint256 kind = _one(seed, 9, 122);
        if (kind < 3) {
            Offer memory o = _draft(seed, kind == 1);
            _seal(o);
            bytes memory verdict = _verdict(o.p, o.id, o.expiresAt, _packed(o));
            bytes memory model = _sign(_publishersKey(o.p.modelId), o.id);
            if (kind == 0) return abi.encodeCall(IPredictionValidator.submitPrediction, (o.p, model, o.r, verdict));
            if (kind == 1) return abi.encodeCall(IPredictionValidator.submitSealed, (o.p, model, verdict));
            return abi.encodeWithSignature("submit(bytes)", verdict);
        }
        if (kind < 5) id = _find(seed, State.Approved, State.Approved);
        Trip storage t = _trips[id];
        Statement memory s;
        (s.observedAt, s.expiresAt, s.epoch) = (block.timestamp, block.timestamp + 60, t.epoch);
        if (kind == 3) return abi.encodeCall(IPredictionValidator.cancel, (t.p, _settlement(id, s)));
        if (kind == 4) {
            (s.entryFirstAt, s.entryLastAt, s.exitLastAt) = (t.approvedAt, t.approvedAt, block.timestamp);
            (s.qtyE8, s.entryQuoteE8, s.exitQuoteE8, s.entryFills, s.exitFills) = (1, 1, 1, 1, 1);
            uint80 entryRound = _roundAt(t.mandate, t.approvedAt);
            uint80 exitRound = _roundAt(t.mandate, block.timestamp);
            return abi.encodeCall(
                IPredictionValidator.settle, (t.p, t.r, _settlement(id, s), entryRound, exitRound)
            );
        }
        if (kind == 5) return abi.encodeCall(IPredictionValidator.openDispute, (id, uint64(block.timestamp + 1)));
        if (kind == 6) return abi.encodeCall(IPredictionValidator.closeDispute, (id, 0, false));
        if (kind == 7) return abi.encodeCall(IPredictionValidator.rollEpoch, ());
        return abi.encodeCall(IPredictionValidator.setAdapter, (STRANGER, 3, 0x3f, true));
    }

    /// @dev D9: what was accepted once is sent again, as it was.
    function _repeat(uint256 seed) internal {
        if (_accepted.length == 0) return;
        Delivery storage d = _accepted[seed % _accepted.length];
        ++repeats;
        _refused(Rule.D9, "the same report counted twice", d.from, d.to, d.data);
    }
}
