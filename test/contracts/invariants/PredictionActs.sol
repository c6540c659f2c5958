// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GelatoAttester} from "../../../contracts/attest/GelatoAttester.sol";
import {IPredictionValidator} from "../../../contracts/interfaces/IPredictionValidator.sol";
import {IQuorumAttester} from "../../../contracts/interfaces/IQuorumAttester.sol";
import {IRiskPolicy} from "../../../contracts/interfaces/IRiskPolicy.sol";
import {Prediction, Reveal, State} from "../../../contracts/interfaces/Types.sol";
import {Rule} from "./Chronicle.sol";
import {Model} from "./Model.sol";
import {vm} from "./Protocol.sol";

/// @title Publishers, attesters and relayers up to the verdict: honest, careless and lying.
abstract contract PredictionActs is Model {
    struct Delivery {
        address from;
        address to;
        bytes data;
    }

    /// @dev What was once accepted, for whoever wants to send it again.
    Delivery[] internal _accepted;
    bool[ATTESTERS] internal _seated;
    uint64 internal _setEpoch = 1;
    bool internal _gelatoOn = true;
    uint256 private _nonce;

    constructor() {
        for (uint256 i = 0; i < ATTESTERS; ++i) _seated[i] = true;
    }

    /* CHANCE */

    /// @dev Fresh figures for every act: whatever the fuzzer hands in, no two acts are the same.
    function _mix(uint256 seed) internal returns (uint256) {
        return uint256(keccak256(abi.encode(seed, ++_nonce)));
    }

    function _one(uint256 seed, uint256 bound, uint256 salt) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, salt))) % bound;
    }

    /// @dev A prediction in one of two states, from a random place on; zero if there is none.
    function _find(uint256 seed, State first, State second) internal view returns (bytes32) {
        for (uint256 i = 0; i < _ids.length; ++i) {
            bytes32 id = _ids[(seed % _ids.length + i) % _ids.length];
            State state = _trips[id].state;
            if (state == first || state == second) return id;
        }
        return 0;
    }

    /// @dev Everything a delivery could move: heads, books, limits of the set, money.
    function _fingerprint() internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                validator.head(),
                validator.mandate(mandateIds[0]),
                validator.mandate(mandateIds[1]),
                usd.balanceOf(address(fund)),
                usd.balanceOf(address(bondVault)),
                usd.balanceOf(address(court)),
                quorum.signerSetEpoch()
            )
        );
    }

    /* SIGNERS */

    /// @dev k different seated members in ascending order, none of them among `without`; empty if there are not enough.
    function _members(uint256 seed, address[3] memory without) internal view returns (uint256[] memory keys) {
        uint256[] memory free = new uint256[](ATTESTERS);
        uint256 count;
        for (uint256 i = 0; i < ATTESTERS; ++i) {
            address account = vm.addr(_attesterKeys[i]);
            bool barred = account == without[0] || account == without[1] || account == without[2];
            if (_seated[i] && !barred) free[count++] = _attesterKeys[i];
        }
        if (count < THRESHOLD) return new uint256[](0);
        keys = new uint256[](THRESHOLD);
        uint256 taken;
        for (uint256 i = 0; taken < THRESHOLD; ++i) {
            // leave one out where more are left than are needed
            if (count - i > THRESHOLD - taken && _one(seed, 2, i) == 0) continue;
            keys[taken++] = free[i];
        }
    }

    function _anyMembers(uint256 seed) internal view returns (uint256[] memory) {
        return _members(seed, [address(0), address(0), address(0)]);
    }

    function _publishersKey(bytes32 modelId) internal view returns (uint256) {
        return modelId == ATTESTERS_MODEL ? _attesterKeys[0] : _publisherKey;
    }

    /* DRAFTS */

    function _price(uint256 m) internal view returns (uint256) {
        uint256 count = _rounds[m].length;
        return count == 0 ? PRICE_E8 : _rounds[m][count - 1].answerE8;
    }

    function _push(uint256 m, uint256 answerE8, uint256 time) internal {
        bytes memory data = abi.encodeCall(feeds[m].push, (int256(answerE8), uint64(time)));
        (bool ok,) = _call(FEEDER, address(feeds[m]), data);
        if (ok) _rounds[m].push(Round(answerE8, time));
    }

    /// @dev A prediction that a careful publisher makes: sized to its stop, near the market, in order of time.
    function _draft(uint256 seed, bool isSealed) internal returns (Offer memory o) {
        uint256 m = o.mandate = uint8(_one(seed, MANDATES, 1));
        if (
            _one(seed, 8, 2) != 0
                && (_rounds[m].length == 0 || block.timestamp > _rounds[m][_rounds[m].length - 1].updatedAt + 60)
        ) _push(m, _price(m) * (9_950 + _one(seed, 101, 3)) / 10_000, block.timestamp);
        Prediction memory p = o.p;
        Reveal memory r = o.r;
        o.isSealed = isSealed;
        p.mandateId = mandateIds[m];
        p.modelId = isSealed ? PRIVATE_MODEL : _one(seed, 4, 4) == 0 ? ATTESTERS_MODEL : MODEL;
        p.sequence = uint64(_sequences[p.mandateId] + 1);
        p.previousId = _lastId[m];
        p.observedAt = uint64(block.timestamp - _one(seed, 60, 5));
        p.entryExpiresAt = uint64(p.observedAt + 90 + _one(seed, 600, 6));
        p.horizonAt = uint64(p.entryExpiresAt + _one(seed, 1200, 7));
        p.settleBy = uint64(p.horizonAt + _one(seed, 600, 8));
        p.referencePriceE8 = uint128(_price(m) * (9_950 + _one(seed, 101, 9)) / 10_000);
        p.maxNotionalUsdE6 = uint128(2_000e6 + _one(seed, 8_000e6, 10));
        p.maxLeverageBps = uint32(10_000 + _one(seed, 20_001, 11));
        p.confidencePpm = uint32(520_000 + _one(seed, 480_001, 12));
        p.evidenceHash = bytes32(seed);
        r.salt = keccak256(abi.encode(seed, "salt"));
        r.side = uint8(1 + _one(seed, 2, 13));
        r.entryLimitE8 = uint128(uint256(p.referencePriceE8) * (9_965 + _one(seed, 71, 14)) / 10_000);
        uint256 distance = uint256(r.entryLimitE8) * (20 + _one(seed, 60, 15)) / 10_000;
        bool long = r.side == 1;
        r.stopE8 = uint128(long ? r.entryLimitE8 - distance : r.entryLimitE8 + distance);
        r.targetE8 = uint128(long ? r.entryLimitE8 + distance : r.entryLimitE8 - distance);
        r.qtyE8 = uint128(uint256(p.maxNotionalUsdE6) * (50 + _one(seed, 50, 16)) * 1e8 / r.entryLimitE8);
        r.leverageBps = uint32(p.maxLeverageBps - _one(seed, 5_000, 17));
        uint256 worstE6 = uint256(r.qtyE8)
            * (distance * 1e6 + (uint256(r.entryLimitE8) + r.stopE8) * FEE_RESERVE_PPM) / 1e16 + 1;
        p.maxLossUsdE6 = uint128(worstE6 + _one(seed, worstE6, 18));
        o.yes = true;
        (o.level, o.flags) = (2, isSealed ? 0x3f : 0x1f);
        o.expiresAt = p.entryExpiresAt;
    }

    /// @dev One thing about it that a rule forbids, or nearly.
    function _spoil(Offer memory o, uint256 seed) internal pure {
        Prediction memory p = o.p;
        uint256 kind = _one(seed, 19, 19);
        if (kind == 0) p.maxNotionalUsdE6 = uint128(20_000e6 + _one(seed, 20_000e6, 20));
        else if (kind == 1) p.maxLossUsdE6 = uint128(150e6 + _one(seed, 100e6, 20));
        else if (kind == 2) p.maxLeverageBps = uint32(30_000 + _one(seed, 3, 20));
        else if (kind == 3) p.confidencePpm = uint32(520_000 - _one(seed, 3, 20));
        else if (kind == 4) p.referencePriceE8 = _scaled(p.referencePriceE8, 9_700 + _one(seed, 601, 20));
        else if (kind == 5) (o.r.stopE8, o.r.targetE8) = (o.r.targetE8, o.r.stopE8);
        else if (kind == 6) p.maxLossUsdE6 = p.maxLossUsdE6 / 2;
        else if (kind == 7) o.r.qtyE8 = uint128(o.r.qtyE8 * 2);
        else if (kind == 8) p.observedAt -= uint64(_one(seed, 240, 20));
        else if (kind == 9) p.horizonAt = p.settleBy + 1;
        else if (kind == 10) (o.yes, o.reason) = (false, 1 + _one(seed, 100, 20));
        else if (kind == 11) o.flags = _one(seed, 64, 20);
        else if (kind == 12) (o.isSealed, o.flags) = (!o.isSealed, o.isSealed ? 0x3f : 0x1f);
        else if (kind == 13) o.expiresAt = p.observedAt;
        else if (kind == 14) p.settleBy = uint64(p.observedAt + 2 hours + _one(seed, 1 days, 20));
        else if (kind == 15) o.r.entryLimitE8 = _scaled(o.r.entryLimitE8, 9_900 + _one(seed, 201, 20));
        else if (kind == 16) o.r.leverageBps = p.maxLeverageBps + uint32(_one(seed, 2, 20));
        else if (kind == 17) o.r.side = uint8(_one(seed, 4, 20));
        else p.entryExpiresAt = p.observedAt;
    }

    function _scaled(uint128 priceE8, uint256 bps) private pure returns (uint128) {
        return uint128(uint256(priceE8) * bps / 10_000);
    }

    function _seal(Offer memory o) internal view {
        o.p.seal = _sealOf(o.p.mandateId, o.p.sequence, o.r);
        o.id = _idOf(o.p);
    }

    function _offer(uint256 seed) internal returns (Offer memory o) {
        o = _draft(seed, _one(seed, 3, 21) == 0);
        if (_one(seed, 3, 22) == 0) _spoil(o, seed);
        _seal(o);
    }

    /* DELIVERY */

    function _packed(Offer memory o) internal pure returns (uint256) {
        return (o.yes ? 1 : 2) | (o.reason << 8) | (o.flags << 24);
    }

    function _attestCall(Offer memory o, bytes memory payload, bytes memory signatures)
        internal
        view
        returns (bytes memory)
    {
        bytes memory model = _sign(_publishersKey(o.p.modelId), o.id);
        if (o.isSealed) return abi.encodeCall(IQuorumAttester.attestSealed, (o.p, model, payload, signatures));
        return abi.encodeCall(IQuorumAttester.attest, (o.p, model, o.r, payload, signatures));
    }

    /// @dev Sends what must be recorded and follows the answer.
    function _deliver(Offer memory o, uint256 inspected, address from, address to, bytes memory data) internal {
        uint256 bits = _reasons(o, inspected);
        bytes32 before = _reservations(o.mandate);
        (bool ok, bytes memory answer) = _call(from, to, data);
        uint256 status = ok ? abi.decode(answer, (uint256)) : 0;
        if (status == 1) {
            _approved(o, bits);
            if (!o.isSealed) {
                bool opens = _sealOf(o.p.mandateId, o.p.sequence, o.r) == o.p.seal;
                _require(opens && _inspect(o.p, o.r, false) == 0, Rule.D5, "approved against its reveal");
            }
        } else if (status == 2) {
            _rejected(o, bits);
            _require(before == _reservations(o.mandate), Rule.D7, "a rejection moved a reservation or money");
        } else {
            _break(Rule.A1, "a verdict of the whole quorum was not recorded");
            return;
        }
        _accepted.push(Delivery(from, to, data));
    }

    function _reservations(uint256 m) private view returns (bytes32) {
        IPredictionValidator v = IPredictionValidator(address(validator));
        (bytes32 mandateId, uint256 bond) = (mandateIds[m], usd.balanceOf(address(bondVault)));
        uint256 cash = usd.balanceOf(address(fund));
        return keccak256(
            abi.encode(
                v.mandate(mandateId).openCount,
                v.mandate(mandateId).openNotionalUsdE6,
                v.mandate(mandateId).reservedLossUsdE6,
                v.mandate(mandateId).pnlE8,
                v.mandate(mandateId).countUsedScaled,
                v.mandate(mandateId).notionalUsedScaled,
                bond,
                cash
            )
        );
    }

    /* ACTS */

    function _reset() internal {
        (bool ok,) = _call(address(this), address(policy), abi.encodeCall(IRiskPolicy.resetBreaker, ()));
        _require(ok, Rule.R4, "the owner cannot reset the breaker");
        _breaker = false;
    }

    function _predict(uint256 seed) internal {
        if (_breaker && _one(seed, 4, 33) != 0) _reset(); // a stop that lasts for ever tells nothing more
        uint256[] memory keys = _anyMembers(seed);
        if (keys.length == 0) return;
        Offer memory o = _offer(seed);
        bytes memory payload = _verdict(o.p, o.id, o.expiresAt, _packed(o));
        bytes32 digest = _quorumDigest(address(quorum), ATTESTATION, payload, _setEpoch);
        bytes memory data = _attestCall(o, payload, _signatures(keys, digest));
        _deliver(o, _inspect(o.p, o.r, o.isSealed), STRANGER, address(quorum), data);
    }

    /// @dev Made known first, attested later: by the quorum, by the single sender, or by nobody.
    function _register(uint256 seed) internal {
        Offer memory o = _offer(seed);
        bytes memory model = _sign(_publishersKey(o.p.modelId), o.id);
        bytes memory data = o.isSealed
            ? abi.encodeCall(IPredictionValidator.registerSealed, (o.p, model))
            : abi.encodeCall(IPredictionValidator.registerPrediction, (o.p, model, o.r));
        uint256 inspected = _inspect(o.p, o.r, o.isSealed);
        (bool ok, bytes memory answer) = _call(STRANGER, address(validator), data);
        if (!ok || abi.decode(answer, (uint256)) != 5) return _break(Rule.D2, "the next prediction was not registered");
        _noted(o);
        (_trips[o.id].state, _trips[o.id].reasonBits) = (State.Registered, inspected);
    }

    function _attestRegistered(uint256 seed) internal {
        bytes32 id = _find(seed, State.Registered, State.Registered);
        uint256[] memory keys = _anyMembers(seed);
        if (id == 0 || keys.length == 0) return;
        Trip storage t = _trips[id];
        Offer memory o;
        (o.p, o.r, o.id, o.mandate, o.isSealed) = (t.p, t.r, id, t.mandate, t.isSealed);
        (o.yes, o.flags, o.level) = (_one(seed, 8, 23) != 0, o.isSealed ? 0x3f : 0x1f, 2);
        o.expiresAt = block.timestamp + _one(seed, 100, 24);
        bytes memory payload = _verdict(o.p, id, o.expiresAt, _packed(o));
        bytes32 digest = _quorumDigest(address(quorum), ATTESTATION, payload, _setEpoch);
        bytes memory data =
            abi.encodeCall(IQuorumAttester.attestRegistered, (payload, _signatures(keys, digest)));
        (address from, address to) = (STRANGER, address(quorum));
        bool single = _one(seed, 4, 25) == 0;
        if (single) {
            (from, to) = (_one(seed, 3, 26) == 0 ? STRANGER : GELATO, address(gelato));
            (o.level, o.flags) = (1, o.flags & 0x1b);
            data = abi.encodeCall(GelatoAttester.submit, (payload));
        }
        bool allowed = !single || (_gelatoOn && from == GELATO);
        if (allowed && o.p.sequence == _sequences[o.p.mandateId] + 1) return _deliver(o, t.reasonBits, from, to, data);
        Rule rule = allowed ? Rule.D2 : Rule.A4;
        _refused(rule, "a verdict out of turn or from nobody was recorded", from, to, data);
    }

    /// @dev Sends what must change nothing, whatever it answers.
    function _refused(Rule rule, string memory why, address from, address to, bytes memory data)
        internal
        returns (bool unchanged)
    {
        bytes32 before = _fingerprint();
        _call(from, to, data);
        unchanged = before == _fingerprint();
        _require(unchanged, rule, why);
    }

    function _lapse(uint256 seed) internal {
        bytes32 id = _find(seed, State.Registered, State.Registered);
        Offer memory o;
        if (id != 0 && _one(seed, 2, 27) == 0) {
            (o.p, o.r, o.id, o.mandate, o.isSealed) =
                (_trips[id].p, _trips[id].r, id, _trips[id].mandate, _trips[id].isSealed);
        } else {
            o = _offer(seed);
        }
        if (_one(seed, 3, 28) != 0 && block.timestamp <= o.p.entryExpiresAt) vm.warp(o.p.entryExpiresAt + 1);
        bytes memory data = abi.encodeCall(
            IPredictionValidator.lapse, (o.p, _sign(_publishersKey(o.p.modelId), o.id))
        );
        if (block.timestamp <= o.p.entryExpiresAt) {
            _refused(Rule.D8, "lapsed before its entry expired", STRANGER, address(validator), data);
            return;
        }
        if (o.p.sequence != _sequences[o.p.mandateId] + 1) {
            _refused(Rule.D2, "lapsed out of turn", STRANGER, address(validator), data);
            return;
        }
        bytes32 before = _reservations(o.mandate);
        (bool ok, bytes memory answer) = _call(STRANGER, address(validator), data);
        if (!ok || abi.decode(answer, (uint256)) != 2) return _break(Rule.D6, "an unattested prediction cannot lapse");
        o.reason = 0;
        _rejected(o, 1 << 26);
        _require(before == _reservations(o.mandate), Rule.D7, "a lapse moved a reservation or money");
        _accepted.push(Delivery(STRANGER, address(validator), data));
    }

    /// @dev A delivery that is wrong in one way: too few, repeated, unsorted or foreign signers, an old set, another
    /// payload, another sequence, predecessor, domain, evidence, publisher, reveal, or dirty bits.
    function _deliverFalsely(uint256 seed) internal {
        uint256[] memory keys = _anyMembers(seed);
        if (keys.length == 0) return;
        uint256 kind = _one(seed, 13, 29);
        Offer memory o = _draft(seed, _one(seed, 3, 21) == 0);
        if (kind == 7) o.p.sequence += uint64(1 + _one(seed, 3, 30));
        if (kind == 8) o.p.previousId = bytes32(seed);
        _seal(o);
        if (kind == 9) o.r.salt = bytes32(seed);
        uint256 packed = _packed(o);
        if (kind == 10) packed = _one(seed, 2, 30) == 0 ? packed | (1 << (32 + _one(seed, 224, 31))) : packed | 3;
        Prediction memory told = abi.decode(abi.encode(o.p), (Prediction));
        if (kind == 11) told.evidenceHash = keccak256("other evidence");
        bytes memory payload = _verdict(told, o.id, o.expiresAt, packed);
        bytes memory signatures = _wrongSignatures(kind, keys, payload, seed);
        bytes memory data = _attestCall(o, payload, signatures);
        if (kind == 9 && o.isSealed) return; // a sealed prediction's reveal is not part of the delivery
        if (kind == 12) {
            bytes memory model = _sign(_key("nobody", 0), o.id);
            data = abi.encodeCall(IQuorumAttester.attest, (o.p, model, o.r, payload, signatures));
        }
        Rule rule = kind < 4 || kind == 6 || kind > 9
            ? Rule.A1
            : kind < 6 ? Rule.A3 : kind < 9 ? Rule.D2 : Rule.D5;
        _refused(rule, "a false delivery was recorded", STRANGER, address(quorum), data);
    }

    /// @dev Kinds 0 to 6 spoil the signatures; the others leave them right.
    function _wrongSignatures(uint256 kind, uint256[] memory keys, bytes memory payload, uint256 seed)
        internal
        view
        returns (bytes memory)
    {
        uint64 setEpoch = kind == 4 ? _setEpoch - 1 : _setEpoch;
        if (kind == 0) keys = _slice(keys, THRESHOLD - 1);
        if (kind == 1) keys[1] = keys[0];
        if (kind == 2) (keys[0], keys[1]) = (keys[1], keys[0]);
        if (kind == 3) keys[_one(seed, THRESHOLD, 32)] = _key("nobody", seed % 4);
        if (kind == 5) keys = _withRemoved(keys);
        if (kind == 6) payload = abi.encodePacked(payload, uint8(1));
        bytes32 digest = _quorumDigest(address(quorum), ATTESTATION, payload, setEpoch);
        return _signatures(keys, digest);
    }

    function _slice(uint256[] memory keys, uint256 count) internal pure returns (uint256[] memory part) {
        part = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) part[i] = keys[i];
    }

    /// @dev The same quorum with a member that has been removed in it, in order; a stranger where none was.
    function _withRemoved(uint256[] memory keys) private view returns (uint256[] memory all) {
        all = new uint256[](THRESHOLD);
        uint256 removed = ATTESTERS;
        for (uint256 i = 0; i < ATTESTERS; ++i) if (!_seated[i]) removed = i;
        if (removed == ATTESTERS) {
            all[0] = _key("nobody", 0);
            (all[1], all[2]) = (keys[1], keys[2]);
            return all;
        }
        uint256 count;
        uint256 seated = THRESHOLD - 1;
        for (uint256 i = 0; i < ATTESTERS; ++i) {
            if (i != removed && (!_seated[i] || seated == 0)) continue;
            if (i != removed) --seated;
            all[count++] = _attesterKeys[i];
        }
    }
}
