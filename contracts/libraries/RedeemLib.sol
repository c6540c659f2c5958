// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IFundVault} from "../interfaces/IFundVault.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {QueueLib} from "./QueueLib.sol";
import {WaterfallLib} from "./WaterfallLib.sol";

/// @title The line of redemptions: its closes and the requests that stand in it. Deployed apart, so that the vault fits
/// its size.
/// @dev PROMISES: all requests of an epoch are served in one proportion at one price; the sum of what they may claim is
/// never more than what the closes owe. DOES NOT PROMISE anything about cash: the vault pays.
library RedeemLib {
    using SafeCast for uint256;

    struct Request {
        uint32 epoch;
        uint96 shares;
        uint96 returnedShares; // taken back in a wind-down
        uint128 claimedShares; // of a claim in parts
        uint128 claimedE6;
    }

    struct Line {
        mapping(uint32 number => QueueLib.Epoch) epochs;
        mapping(address controller => Request) requests;
    }

    /// @notice What a close knows of the fund after the waterfall.
    struct Book {
        uint32 epoch;
        bool windingDown;
        bool takesDeposits;
        uint256 assetsE6;
        uint256 unexplainedE6; // of the assets, what no final result explains
        uint256 supply;
        uint256 redeemCapBps;
    }

    struct Priced {
        uint256 depositsE6; // asked for in the epoch
        uint256 enteringE6; // of them, what got a price: all or nothing
        uint256 minted;
        uint256 served;
        uint256 paidE6;
    }

    /// @dev Shares to an asset unit at which deposits stop: ten thousand times the first.
    uint256 private constant MAX_SHARES_PER_UNIT = 1e4 * WaterfallLib.VIRTUAL_SHARES;

    /// @notice Writes a close: one price for everyone who entered in its epoch, one for everyone it serves on the way
    /// out. Rounding is against both.
    function price(Line storage line, Book memory b) external returns (Priced memory p) {
        uint256 shares = b.supply + WaterfallLib.VIRTUAL_SHARES;
        uint256 assets = b.assetsE6 + WaterfallLib.VIRTUAL_ASSETS;
        QueueLib.Epoch storage own = line.epochs[b.epoch];
        QueueLib.Epoch storage last = line.epochs[b.epoch - 1];
        (uint256 end, uint256 servedBefore, uint256 paidBefore) =
            (last.requestedShares, last.servedShares, last.paidE6);
        bool priced = b.takesDeposits && shares <= assets * MAX_SHARES_PER_UNIT;
        end += own.requestedShares;
        if (!b.windingDown) p.served = QueueLib.served(end - servedBefore, b.supply, b.redeemCapBps);
        p.paidE6 = Math.mulDiv(p.served, Math.saturatingSub(assets, b.unexplainedE6), shares);
        p.depositsE6 = own.depositsE6;
        if (priced) (p.enteringE6, p.minted) = (p.depositsE6, Math.mulDiv(p.depositsE6, shares, assets));
        // without a deposit nobody asks for the price, and its word stays unwritten
        if (p.enteringE6 != 0) (own.assetsE6, own.shares) = (assets.toUint96(), shares.toUint96());
        (own.requestedShares, own.servedShares) = (end.toUint88(), uint88(servedBefore + p.served));
        (own.paidE6, own.closed) = ((paidBefore + p.paidE6).toUint72(), true);
    }

    /// @notice Adds shares to the controller's request of an epoch.
    function add(Line storage line, address controller, uint32 epoch, uint256 shares) external {
        Request storage request = line.requests[controller];
        uint96 requested = request.shares;
        if (requested != 0 && request.epoch != epoch) {
            revert IFundVault.VaultRequestPending(controller, request.epoch);
        }
        (request.epoch, request.shares) = (epoch, (requested + shares).toUint96());
        line.epochs[epoch].requestedShares += shares.toUint88();
    }

    /// @notice Takes shares out of the line: all before the cut-off, what is not served once the line stands still.
    /// @return epoch the request's
    /// @return shares to be given back
    function cancel(Line storage line, IPredictionValidator validator, address controller, bool windingDown)
        external
        returns (uint32 epoch, uint256 shares)
    {
        Request storage request = line.requests[controller];
        epoch = request.epoch;
        bool waiting = !line.epochs[epoch].closed;
        if (request.shares == 0 || request.returnedShares != 0) {
            revert IFundVault.VaultNothingToClaim(controller, epoch);
        }
        (uint32 booking,) = validator.epochAt(uint64(block.timestamp));
        if (!windingDown && (!waiting || epoch != booking)) revert IFundVault.VaultCutOffPassed(epoch);
        if (waiting) {
            shares = request.shares;
            line.epochs[epoch].requestedShares -= uint88(shares);
            delete line.requests[controller];
        } else {
            uint256 done;
            (done,, shares) = _served(line, validator, epoch, request.shares);
            if (shares == 0) revert IFundVault.VaultNothingToClaim(controller, epoch);
            if (request.claimedShares == done) delete line.requests[controller];
            else request.returnedShares = uint96(shares);
        }
    }

    /// @notice Books a claim.
    /// @param amount of shares, or of assets if `inAssets`; the maximum stands for everything
    function claim(Line storage line, IPredictionValidator validator, address controller, uint256 amount, bool inAssets)
        external
        returns (uint256 shares, uint256 assetsE6)
    {
        Request memory request = line.requests[controller];
        (uint256 done, uint256 paidE6, uint256 unserved) =
            _served(line, validator, request.epoch, request.shares);
        if (done == 0) {
            if (request.shares != 0) revert IFundVault.VaultEpochNotClosed(request.epoch);
            revert IFundVault.VaultNothingToClaim(controller, request.epoch);
        }
        (shares, assetsE6) = (done - request.claimedShares, paidE6 - request.claimedE6);
        if (amount != type(uint256).max) (shares, assetsE6) = _part(shares, assetsE6, amount, inAssets);
        if (shares == 0) revert IFundVault.VaultNothingToClaim(controller, request.epoch);
        uint256 claimed = request.claimedShares + shares;
        if (claimed == done && (unserved == 0 || request.returnedShares != 0)) {
            delete line.requests[controller];
        } else {
            line.requests[controller].claimedShares = uint128(claimed);
            line.requests[controller].claimedE6 = uint128(request.claimedE6 + assetsE6);
        }
    }

    /// @dev A part of what is claimable; rounding is against who claims.
    function _part(uint256 shares, uint256 assetsE6, uint256 amount, bool inAssets)
        private
        pure
        returns (uint256, uint256)
    {
        uint256 limit = inAssets ? assetsE6 : shares;
        if (amount > limit) revert IFundVault.VaultExceedsClaimable(amount, limit);
        if (limit == 0) return (0, 0);
        return inAssets
            ? (Math.mulDiv(shares, amount, assetsE6, Math.Rounding.Ceil), amount)
            : (amount, Math.mulDiv(assetsE6, amount, shares));
    }

    /// @notice What is served of a request and not claimed.
    function claimable(Line storage line, IPredictionValidator validator, address controller)
        external
        view
        returns (uint256 shares, uint256 assetsE6)
    {
        Request memory request = line.requests[controller];
        (shares, assetsE6,) = _served(line, validator, request.epoch, request.shares);
        return (shares - request.claimedShares, assetsE6 - request.claimedE6);
    }

    /// @notice What waits of a request.
    function pending(Line storage line, IPredictionValidator validator, uint256 requestId, address controller)
        external
        view
        returns (uint256)
    {
        Request memory request = line.requests[controller];
        if (request.epoch != requestId || request.returnedShares != 0) return 0;
        (uint256 done,,) = _served(line, validator, request.epoch, request.shares);
        return request.shares - done;
    }

    /// @dev What is served of a request of these shares, what that is worth, and what waits. Rounded down.
    function _served(Line storage line, IPredictionValidator validator, uint32 epoch, uint256 shares)
        private
        view
        returns (uint256 servedShares, uint256 paidE6, uint256 unserved)
    {
        if (shares == 0) return (0, 0, 0);
        QueueLib.Epoch storage close = line.epochs[epoch];
        QueueLib.Epoch storage before = line.epochs[epoch - 1];
        if (!close.closed) return (0, 0, 0);
        (uint256 start, uint256 end) = (before.requestedShares, close.requestedShares);
        uint256 place = close.servedShares;
        uint256 paid;
        if (place >= end && before.servedShares == start) {
            // the whole stretch was served by its own close
            paid = close.paidE6 - before.paidE6;
        } else {
            uint32 last = validator.currentEpoch() - 1;
            place = Math.max(Math.min(line.epochs[last].servedShares, end), start);
            paid = _paidAt(line, place, epoch, last) - _paidAt(line, start, epoch, last);
        }
        servedShares = Math.mulDiv(shares, place - start, end - start);
        paidE6 = Math.mulDiv(shares, paid, end - start);
        unserved = Math.mulDiv(shares, end - place, end - start);
    }

    /// @dev Finds the close that served a place of the line, by halving: at most 32 steps.
    function _paidAt(Line storage line, uint256 place, uint32 low, uint32 high) private view returns (uint256) {
        while (low < high) {
            uint32 middle = low + (high - low) / 2;
            if (line.epochs[middle].servedShares >= place) high = middle;
            else low = middle + 1;
        }
        QueueLib.Epoch storage close = line.epochs[low];
        QueueLib.Epoch storage before = line.epochs[low - 1];
        return QueueLib.paidAt(place, before.servedShares, before.paidE6, close.servedShares, close.paidE6);
    }
}
