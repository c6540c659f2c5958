// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {RateLimiter} from "@openzeppelin/contracts/utils/RateLimiter.sol";
import {Guarded} from "../core/Guarded.sol";
import {IAllocator, ISignals} from "../interfaces/IAllocator.sol";
import {IFundVault} from "../interfaces/IFundVault.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";

/// @title Allocator
///
/// PROMISES
/// - Cash leaves the fund only to a venue deposit address that the owner named a delay ago and nobody removed since,
///   never beyond the mandate's two caps, and all of it together never faster than the token bucket refills.
/// - The target of a mandate is the fund's assets in proportion to its signal, capped by an amount and by a share of
///   the fund. Nobody chooses: anyone may have the targets applied, and gets nothing for it.
/// - The guardian removes and lowers at once; only the owner adds, and only with the delay. A cap is raised by naming
///   the place again, which waits like the first time; meanwhile nothing is sent to it.
///
/// DOES NOT PROMISE
/// - That cash comes back when a target falls: the executor brings it back, and the fund's cap and bond limit the rest.
/// - That signals are wise. It reads them; the caps are there for when they are not.
/// - A close's cost: it is never part of one. `rebalance` walks the mandates, MAX_MANDATES at most.
contract Allocator is IAllocator, Guarded {
    using RateLimiter for RateLimiter.RefillingBucket;

    uint256 public constant MAX_MANDATES = 16;
    uint256 private constant BPS = 1e4;
    bytes32 private constant ALL = bytes32(0);

    IFundVault public immutable vault;
    IPredictionValidator public immutable validator;
    ISignals public immutable signals;
    uint64 public immutable placeDelaySeconds;
    uint64 public immutable bucketCapacityUsdE6;
    uint48 public immutable bucketWindowSeconds;

    bytes32[] private _mandateIds;
    mapping(bytes32 mandateId => Place) private _places;
    /// @inheritdoc IAllocator
    mapping(bytes32 mandateId => uint256) public allocatedUsdE6;
    RateLimiter.RefillingBucket private _bucket;

    constructor(
        address owner_,
        address guardian_,
        address vault_,
        address validator_,
        address signals_,
        uint64 placeDelaySeconds_,
        uint64 bucketCapacityUsdE6_,
        uint48 bucketWindowSeconds_
    ) Guarded(owner_, guardian_) {
        (vault, validator, signals) = (IFundVault(vault_), IPredictionValidator(validator_), ISignals(signals_));
        placeDelaySeconds = placeDelaySeconds_;
        (bucketCapacityUsdE6, bucketWindowSeconds) = (bucketCapacityUsdE6_, bucketWindowSeconds_);
        _bucket.updateSettings(bucketWindowSeconds_, bucketCapacityUsdE6_);
    }

    /* PLACES */

    /// @inheritdoc IAllocator
    function schedulePlace(bytes32 mandateId, address venueDeposit, uint64 capUsdE6, uint16 capBps)
        external
        onlyOwner
    {
        if (venueDeposit == address(0)) revert AllocatorZeroAddress();
        if (capBps > BPS) revert AllocatorBadCaps(capUsdE6, capBps);
        if (_places[mandateId].venueDeposit == address(0)) {
            if (_mandateIds.length == MAX_MANDATES) revert AllocatorTooMany(MAX_MANDATES);
            _mandateIds.push(mandateId);
        }
        uint64 usableAt = uint64(block.timestamp) + placeDelaySeconds;
        _places[mandateId] = Place(venueDeposit, usableAt, capUsdE6, capBps, false);
        emit PlaceScheduled(mandateId, venueDeposit, capUsdE6, capBps, usableAt);
    }

    /// @inheritdoc IAllocator
    function lowerCaps(bytes32 mandateId, uint64 capUsdE6, uint16 capBps) external onlyGuardianOrOwner {
        Place storage spot = _placeOf(mandateId);
        if (capUsdE6 > spot.capUsdE6 || capBps > spot.capBps) revert AllocatorBadCaps(capUsdE6, capBps);
        (spot.capUsdE6, spot.capBps) = (capUsdE6, capBps);
        emit CapsLowered(mandateId, capUsdE6, capBps);
    }

    /// @inheritdoc IAllocator
    function removePlace(bytes32 mandateId) external onlyGuardianOrOwner {
        Place storage spot = _placeOf(mandateId);
        spot.removed = true;
        emit PlaceRemoved(mandateId, spot.venueDeposit, msg.sender);
    }

    /* CASH */

    /// @inheritdoc IAllocator
    function rebalance() external returns (uint256 sentUsdE6) {
        for (uint256 i = 0; i < _mandateIds.length; ++i) {
            bytes32 mandateId = _mandateIds[i];
            uint256 lacking = _lacking(mandateId);
            if (lacking != 0) sentUsdE6 += _send(mandateId, lacking);
        }
        if (sentUsdE6 == 0) revert AllocatorNothingToSend(ALL);
    }

    /// @inheritdoc IAllocator
    function rebalanceMandate(bytes32 mandateId) external returns (uint256 sentUsdE6) {
        Place memory spot = _placeOf(mandateId);
        if (block.timestamp < spot.usableAt) revert AllocatorTooEarly(block.timestamp, spot.usableAt);
        uint256 lacking = _lacking(mandateId);
        if (lacking == 0) revert AllocatorNothingToSend(mandateId);
        return _send(mandateId, lacking);
    }

    /// @dev What may be sent now: up to the target, the bucket, and the cash nobody else waits for.
    function _lacking(bytes32 mandateId) private view returns (uint256) {
        Place memory spot = _places[mandateId];
        if (spot.removed || block.timestamp < spot.usableAt) return 0;
        uint256 lacking = Math.saturatingSub(targetUsdE6(mandateId), allocatedUsdE6[mandateId]);
        uint256 cash = Math.saturatingSub(vault.idleUsdE6(), vault.redemptionsOwedE6());
        return Math.min(Math.min(lacking, bucketUsdE6()), cash);
    }

    function _send(bytes32 mandateId, uint256 amountE6) private returns (uint256) {
        address to = _places[mandateId].venueDeposit;
        _bucket.consume(ALL, amountE6);
        allocatedUsdE6[mandateId] += amountE6;
        emit Allocated(mandateId, to, amountE6, targetUsdE6(mandateId));
        vault.sendToVenueAddress(to, amountE6);
        return amountE6;
    }

    /// @inheritdoc IAllocator
    function recordReturn(bytes32 mandateId, uint256 amountUsdE6) external {
        address venueDeposit = _placeOf(mandateId).venueDeposit;
        if (msg.sender != venueDeposit && msg.sender != validator.executor()) revert AllocatorUnauthorised(msg.sender);
        // what comes back beyond what was sent is profit
        uint256 left = Math.saturatingSub(allocatedUsdE6[mandateId], amountUsdE6);
        allocatedUsdE6[mandateId] = left;
        emit Returned(mandateId, msg.sender, amountUsdE6, left);
        vault.recordReturnFrom(msg.sender, amountUsdE6);
    }

    /* VIEWS */

    /// @inheritdoc IAllocator
    function targetUsdE6(bytes32 mandateId) public view returns (uint256) {
        Place memory spot = _places[mandateId];
        if (spot.venueDeposit == address(0) || spot.removed) return 0;
        uint256 total = signals.totalSignal();
        if (total == 0) return 0;
        uint256 assets = vault.totalAssetsE6();
        uint256 share = Math.mulDiv(assets, Math.min(signals.signalOf(mandateId), total), total);
        return Math.min(Math.min(share, spot.capUsdE6), assets * spot.capBps / BPS);
    }

    /// @inheritdoc IAllocator
    function bucketUsdE6() public view returns (uint256) {
        return _bucket.available(ALL);
    }

    function place(bytes32 mandateId) external view returns (Place memory) {
        return _places[mandateId];
    }

    function mandateIds() external view returns (bytes32[] memory) {
        return _mandateIds;
    }

    function _placeOf(bytes32 mandateId) private view returns (Place storage spot) {
        spot = _places[mandateId];
        if (spot.venueDeposit == address(0)) revert AllocatorUnknownMandate(mandateId);
    }
}
