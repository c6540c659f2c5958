// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Prediction, Reveal, State} from "../../../contracts/interfaces/Types.sol";
import {QueueLib} from "../../../contracts/libraries/QueueLib.sol";
import {FundCashActs} from "./FundCashActs.sol";
import {FundRule} from "./FundLedger.sol";
import {vm} from "./Protocol.sol";

/// @title Results, and the closes that share them out.
abstract contract FundCloseActs is FundCashActs {
    struct Close {
        int256 residualE8;
        int256 profit; // whole units, with what is against the fund
        uint256 surplus; // what no result explains, in its favour
        bool takesDeposits;
        uint256 bondPaid;
        uint256 fees;
        uint256 mark;
        uint256 supply;
        uint256 wholeSupply;
        uint256 minted;
        uint256 served;
        uint256 paid;
        int256 assets; // before anyone enters or leaves
    }

    uint256 private constant MAX_OPEN = 8;
    bytes32[] private _open;

    /* RESULTS */

    function _attestersKeys() private view returns (uint256[] memory keys) {
        keys = new uint256[](THRESHOLD);
        for (uint256 i = 0; i < THRESHOLD; ++i) keys[i] = _attesterKeys[i];
    }

    function _witnessed(bytes32 kind, bytes memory payload) private view returns (bytes memory) {
        return _signatures(_attestersKeys(), _quorumDigest(address(quorum), kind, payload, quorum.signerSetEpoch()));
    }

    /// @dev Refused if there is a round of that second already, which is as good.
    function _push(uint256 at) private {
        _try(FEEDER, address(feeds[0]), abi.encodeCall(feeds[0].push, (int256(PRICE_E8), uint64(at))), address(0));
    }

    /// @dev A round trip from approval to a result: a profit, a loss, one beyond the declared one, or silence.
    function trade(uint256 seed) external {
        uint256 end = _snapshotAt;
        while (end <= block.timestamp) end += EPOCH_SECONDS;
        if (policy.halted() || block.timestamp + 30 minutes > end || _open.length == MAX_OPEN) return;
        _push(block.timestamp);
        (Prediction memory p, Reveal memory r, bytes32 id) = _approve(seed);
        if (validator.record(id).state != State.Approved) return;
        if (seed % 6 == 0) {
            vm.warp(p.settleBy + 61);
            validator.expire(id);
            _count("expire");
        } else {
            _settle(seed, p, r, id);
        }
        _pnlE8[validator.record(id).epoch] += validator.record(id).pnlE8;
        _open.push(id);
    }

    function _approve(uint256 seed) private returns (Prediction memory p, Reveal memory r, bytes32 id) {
        p.mandateId = mandateIds[0];
        p.modelId = MODEL;
        p.sequence = validator.mandate(p.mandateId).lastSequence + 1;
        p.previousId = validator.mandate(p.mandateId).lastId;
        p.observedAt = uint64(block.timestamp);
        (p.entryExpiresAt, p.horizonAt, p.settleBy) = (p.observedAt + 60, p.observedAt + 600, p.observedAt + 900);
        (p.referencePriceE8, p.maxNotionalUsdE6, p.maxLeverageBps) = (uint128(PRICE_E8), 10_000e6, 20_000);
        (p.maxLossUsdE6, p.confidencePpm, p.evidenceHash) = (100e6, 600_000, bytes32(seed));
        r.salt = bytes32(seed);
        (r.side, r.entryLimitE8, r.stopE8) = (1, uint128(PRICE_E8 + 60e8), uint128(PRICE_E8 - 600e8));
        (r.targetE8, r.qtyE8, r.leverageBps) = (uint128(PRICE_E8 + 1_200e8), 1e7, 10_000);
        p.seal = _sealOf(p.mandateId, p.sequence, r);
        id = _idOf(p);
        bytes memory payload = _verdict(p, id, p.entryExpiresAt, 1 | (0x1f << 24));
        quorum.attest(p, _sign(_publisherKey, id), r, payload, _witnessed(ATTESTATION, payload));
    }

    function _settle(uint256 seed, Prediction memory p, Reveal memory r, bytes32 id) private {
        uint256 at = block.timestamp;
        Statement memory s;
        (s.fillsRoot, s.qtyE8) = (keccak256("fills"), r.qtyE8);
        s.entryQuoteE8 = PRICE_E8 * r.qtyE8 / 1e8;
        // from 3,000 below to 3,000 above: some losses are far beyond the bond
        s.exitQuoteE8 = seed % 8 == 1
            ? s.entryQuoteE8 - 3_000e8 + (seed >> 8) % 6_000e8
            : s.entryQuoteE8 - 80e8 + (seed >> 8) % 260e8;
        s.feeE8 = int256((seed >> 40) % 5e8);
        (s.entryFirstAt, s.entryLastAt, s.exitLastAt) = (at + 1, at + 5, at + 65);
        (s.observedAt, s.expiresAt) = (at + 70, at + 100_000);
        (s.entryFills, s.exitFills, s.epoch) = (2, 1, validator.record(id).epoch);
        vm.warp(at + 10);
        _push(at + 6);
        vm.warp(at + 75);
        _push(at + 66);
        bytes memory payload = _settlement(id, s);
        uint256 count = _round();
        quorum.settle(p, r, payload, uint80(count - 2), uint80(count - 1), _witnessed(SETTLEMENT, payload));
        int256 expected = int256(s.exitQuoteE8) - int256(s.entryQuoteE8) - s.feeE8;
        _require(validator.record(id).pnlE8 == expected, FundRule.F8, "a result is not what the fills say");
        _count(expected >= 0 ? bytes32("profit") : bytes32("loss"));
    }

    function _round() private view returns (uint256 id) {
        (uint80 latest,,,,) = feeds[0].latestRoundData();
        return latest;
    }

    /* CLOSE */

    /// @dev Honest closes, closes with equity that nothing explains, and closes that tell of other transfers.
    function close(uint256 seed) external {
        if (block.timestamp <= _snapshotAt) vm.warp(_snapshotAt + 1 + seed % 600);
        for (; _open.length != 0; _open.pop()) {
            bytes32 id = _open[_open.length - 1];
            if (validator.record(id).finalizableAt > block.timestamp) vm.warp(validator.record(id).finalizableAt);
            validator.finalize(id);
        }
        Close memory c = _expect(seed);
        uint256 feeUnits = _fees;
        bool unequal = (seed >> 4) % 8 == 0;
        if ((seed >> 8) % 8 == 0) _lie(seed);
        bytes memory payload = _statementOf(_equityE8 + _explainedE8() + c.residualE8, unequal ? 1 : 0);
        bool done = _try(STRANGER, address(quorum), _closeCall(payload), address(0));
        _require(done, FundRule.F11, "a close was refused");
        if (!done) return;

        bool unexplained = c.residualE8 > 1e8 || c.residualE8 < -1e8;
        bool wrong = unequal || unexplained;
        c.takesDeposits = !_tripped && !unexplained && !_ending;
        _require(!wrong || policy.halted(), FundRule.F12, "equity or transfers did not agree, and risk goes on");
        c.bondPaid = _bond + _donatedToBond - usd.balanceOf(address(bondVault));
        _takeFees();
        c.fees = _fees - feeUnits;
        _judgeWaterfall(c);
        _keepUnexplained(c);
        _judgePrices(c);
        _tripped = _tripped || wrong;
        _equityE8 += _explainedE8() + c.residualE8;
        _atVenueE8 += _pnlE8[_epoch] + c.residualE8;
        _bond -= c.bondPaid;
        _idle += c.bondPaid;
        _refuse(FundRule.F8, payload);
        ++_epoch;
        _snapshotAt += ((block.timestamp - _snapshotAt) / EPOCH_SECONDS + 1) * EPOCH_SECONDS;
        // mostly somebody looks into it and lets trading go on
        if (_tripped && !_ending && (seed >> 20) % 4 != 0) {
            policy.resetBreaker();
            _tripped = false;
        }
        _count("close");
    }

    function _explainedE8() private view returns (int256) {
        return (int256(_sent[_epoch]) - int256(_returned[_epoch])) * 100 + _pnlE8[_epoch];
    }

    function _expect(uint256 seed) private view returns (Close memory c) {
        uint256 kind = (seed >> 12) % 12;
        if (kind == 0) c.residualE8 = int256((seed >> 16) % 5_000e8);
        else if (kind == 1) c.residualE8 = -int256((seed >> 16) % 5_000e8);
        else if (kind == 2) c.residualE8 = -int256((seed >> 16) % 90_000e8);
        else if (kind < 5) c.residualE8 = int256((seed >> 16) % 199) - 99;
        c.mark = fund.highWaterMarkE18();
        c.wholeSupply = fund.totalSupply();
        c.supply = c.wholeSupply - 1;
    }

    function _statementOf(int256 equityE8, uint256 wrongBy) private view returns (bytes memory) {
        return abi.encode(
            _domainOf("SaksiEpochPayload", address(fund)),
            _epoch,
            equityE8,
            ((_sent[_epoch] + wrongBy) << 128) | _returned[_epoch],
            (_snapshotAt << 192) | (block.timestamp << 128) | ((block.timestamp + 600) << 64),
            keccak256("all fills"),
            ACCOUNT
        );
    }

    function _closeCall(bytes memory payload) private view returns (bytes memory) {
        return abi.encodeCall(quorum.closeEpoch, (payload, _witnessed(EPOCH, payload)));
    }

    /// @dev The same statement again, after it was taken.
    function _refuse(FundRule rule, bytes memory payload) private {
        _refused(rule, "an epoch was closed twice", STRANGER, address(quorum), _closeCall(payload));
    }

    /// @dev Statements of two signers, of another epoch, of another account.
    function _lie(uint256 seed) private {
        bytes memory payload = _statementOf(1, 0);
        uint256 word = seed % 3 == 0 ? 1 : seed % 3 == 1 ? 6 : 0;
        assembly ("memory-safe") {
            let place := add(add(payload, 32), mul(word, 32))
            mstore(place, add(mload(place), 1))
        }
        _refused(FundRule.F8, "a close by another statement", STRANGER, address(quorum), _closeCall(payload));
    }

    function _takeFees() private {
        _fees = 0;
        for (uint8 i = 0; i < 3; ++i) {
            _feesOf[i] = fund.feesOwedE6(i);
            _fees += _feesOf[i];
        }
    }

    /* JUDGING A CLOSE */

    function _floor(int256 amountE8) private pure returns (int256) {
        return amountE8 >= 0 ? amountE8 / 100 : -((-amountE8 + 99) / 100);
    }

    function _judgeWaterfall(Close memory c) private {
        int256 allE8 = _pnlE8[_epoch] + (c.residualE8 < 0 ? c.residualE8 : int256(0)) + int256(_carryE8);
        c.profit = _floor(allE8);
        int256 restE8 = allE8 - c.profit * 100;
        if (c.residualE8 > 0) {
            restE8 += c.residualE8;
            c.surplus = uint256(restE8) / 100;
            restE8 = restE8 % 100;
        }
        _carryE8 = uint256(restE8);
        uint256 owned = _assets > 0 ? uint256(_assets) : 0;
        if (c.profit < 0) {
            uint256 loss = uint256(-c.profit);
            _require(c.bondPaid == (loss < _bond ? loss : _bond), FundRule.F9, "depositors lost before the bond did");
            _require(c.fees == 0, FundRule.F7, "a fee on a loss");
            _count(loss > _bond ? bytes32("loss beyond the bond") : bytes32("loss borne by the bond"));
        } else {
            _require(c.bondPaid == 0, FundRule.F9, "the bond paid on a profit");
            uint256 profit = uint256(c.profit);
            uint256 atMark = (c.mark * (c.supply + VIRTUAL_SHARES) + 1e18 - 1) / 1e18;
            uint256 gain = c.supply != 0 && owned + profit + 1 > atMark ? owned + profit + 1 - atMark : 0;
            if (gain > profit) gain = profit;
            _require(c.fees <= gain * _feeOf(_epoch) / 1e4, FundRule.F7, "a fee on more than the gain above the mark");
            _require(c.fees + 1 >= gain * _feeOf(_epoch) / 1e4, FundRule.F8, "a fee that nobody received");
            if (c.fees != 0) _count("fee");
        }
        c.assets = _assets + c.profit + int256(c.bondPaid) - int256(c.fees) + int256(c.surplus);
        _require(fund.carryE8() == _carryE8, FundRule.F8, "what is smaller than a unit was lost");
    }

    /// @dev Kept until somebody has looked into it; what is missing later takes it back.
    function _keepUnexplained(Close memory c) private {
        uint256 kept = _tripped ? _unexplained : 0;
        uint256 missing = c.residualE8 < 0 ? uint256(-c.residualE8) / 100 : 0;
        _unexplained = (kept > missing ? kept - missing : 0) + c.surplus;
        if (kept > missing) _count("unexplained is kept");
    }

    function _judgePrices(Close memory c) private {
        QueueLib.Epoch memory own = fund.epochOf(uint32(_epoch));
        QueueLib.Epoch memory last = fund.epochOf(uint32(_epoch - 1));
        (c.served, c.paid) = (own.servedShares - last.servedShares, own.paidE6 - last.paidE6);
        uint256 assets = (c.assets > 0 ? uint256(c.assets) : 0) + 1;
        uint256 shares = c.supply + VIRTUAL_SHARES;
        uint256 exit = assets > _unexplained ? assets - _unexplained : 0;
        _require(c.paid * shares <= c.served * assets, FundRule.F4, "who leaves gets more than who enters pays");
        _require(c.paid == c.served * exit / shares, FundRule.F4, "an exit at another price than the close's");
        uint256 waiting = own.requestedShares - last.servedShares;
        uint256 most = c.supply * _redeemCapBps / 1e4;
        uint256 serves = _ending ? 0 : waiting < most ? waiting : most;
        _require(c.served == serves, FundRule.F5, "the line was served beyond its cap, or not as far as it goes");
        bool priced = c.takesDeposits && shares <= assets * 1e10;
        uint256 entering = priced ? _deposits[_epoch] : 0;
        if (entering != 0) _require(own.assetsE6 == assets && own.shares == shares, FundRule.F5, "an entry price of its own");
        c.minted = fund.totalSupply() + c.served - c.wholeSupply;
        _require(c.minted == entering * shares / assets, FundRule.F3, "more shares were made than were paid for");
        _prices[_epoch] = Price(true, entering != 0, assets, shares);
        if (!priced && _deposits[_epoch] != 0) _count("unpriced deposits");
        if (entering != 0) _count("priced deposits");
        if (c.served != 0) _count("served line");

        _assets = c.assets + int256(entering) - int256(c.paid);
        _pending -= entering;
        _idle += entering;
        _paid += c.paid;
        uint256 mark = fund.highWaterMarkE18();
        _require(c.supply == 0 || mark >= c.mark, FundRule.F7, "the mark fell");
        bool anyone = fund.totalSupply() > 1;
        _require(!anyone || mark >= fund.sharePriceE18(), FundRule.F7, "a gain could be charged twice");
    }
}
