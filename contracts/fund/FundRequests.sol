// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IERC7540Deposit, IERC7540Operator, IERC7540Redeem} from "../interfaces/IERC7540.sol";
import {IFundVault} from "../interfaces/IFundVault.sol";
import {QueueLib} from "../libraries/QueueLib.sol";
import {RedeemLib} from "../libraries/RedeemLib.sol";
import {WaterfallLib} from "../libraries/WaterfallLib.sol";
import {FundBooks} from "./FundBooks.sol";

/// @title In and out of the fund, by request and claim (ERC-7540).
/// @dev PROMISES: a request can be taken back until its epoch's snapshot; a claim asks nobody, at any time; all
/// requests of an epoch have one price and one share of what is served.
/// DOES NOT PROMISE several requests at once: an account has one open request in each direction, and claims it before
/// the next. So nobody may make a request for a controller who did not name him operator, or whose shares it is not.
abstract contract FundRequests is FundBooks {
    using RedeemLib for RedeemLib.Line;

    bytes4 private constant ERC7575_ID = 0x2f0a18c5;

    modifier onlyFor(address controller) {
        _onlyFor(controller);
        _;
    }

    function _onlyFor(address controller) private view {
        if (msg.sender != controller && !isOperator[controller][msg.sender]) revert VaultUnauthorised(msg.sender);
    }

    function _onlyOpen() private view {
        if (_windingDown) revert VaultWindingDown();
    }

    function _mayControl(address controller, address owner) private view {
        if (controller != owner) _onlyFor(controller);
    }

    function setOperator(address operator_, bool approved) external returns (bool) {
        isOperator[msg.sender][operator_] = approved;
        emit OperatorSet(msg.sender, operator_, approved);
        return true;
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == type(IERC165).interfaceId || id == ERC7575_ID || id == type(IERC7540Operator).interfaceId
            || id == type(IERC7540Deposit).interfaceId || id == type(IERC7540Redeem).interfaceId;
    }

    /* IN */

    /// @inheritdoc IFundVault
    function seedUsdE6(uint256 amountUsdE6) external returns (uint256 shares) {
        _onlyOpen();
        if (_everSent || _currentEpoch() != 1) revert VaultAlreadyTrading();
        _checkDeposit(amountUsdE6, amountUsdE6);
        shares = amountUsdE6 * WaterfallLib.VIRTUAL_SHARES;
        _mint(msg.sender, shares);
        _assetsE6 += int128(uint128(amountUsdE6));
        _idleE6 += uint96(amountUsdE6);
        if (_highWaterMarkE18 == 0) _highWaterMarkE18 = uint128(sharePriceE18());
        emit Seeded(msg.sender, amountUsdE6, shares);
        _pull(msg.sender, amountUsdE6);
    }

    /// @inheritdoc IFundVault
    function requestDepositUsdE6(uint256 amountUsdE6) external returns (uint256 requestId) {
        return requestDeposit(amountUsdE6, msg.sender, msg.sender);
    }

    function requestDeposit(uint256 assets, address controller, address owner)
        public
        onlyFor(owner)
        returns (uint256 requestId)
    {
        _onlyOpen();
        _mayControl(controller, owner);
        uint32 epoch = _bookingEpoch();
        Request memory request = _depositRequests[controller];
        if (request.assetsE6 != 0 && request.epoch != epoch) revert VaultRequestPending(controller, request.epoch);
        uint256 requested = request.assetsE6 + assets;
        _checkDeposit(assets, requested);
        _depositRequests[controller] = Request(epoch, uint112(requested));
        _line.epochs[epoch].depositsE6 += uint64(assets);
        emit DepositRequest(controller, owner, epoch, msg.sender, assets);
        _pull(owner, assets);
        return epoch;
    }

    function _checkDeposit(uint256 assets, uint256 requested) private view {
        if (assets < _minDepositE6 || requested > _maxDepositE6) {
            revert VaultDepositLimit(requested, _minDepositE6, _maxDepositE6);
        }
    }

    /// @inheritdoc IFundVault
    function cancelDepositRequest() external returns (uint256 amountUsdE6) {
        Request memory request = _depositRequests[msg.sender];
        amountUsdE6 = request.assetsE6;
        if (amountUsdE6 == 0) revert VaultNothingToClaim(msg.sender, request.epoch);
        QueueLib.Epoch storage close = _line.epochs[request.epoch];
        if (!close.closed) {
            if (!_windingDown && request.epoch != _bookingEpoch()) revert VaultCutOffPassed(request.epoch);
            close.depositsE6 -= uint64(amountUsdE6);
        } else {
            if (close.shares != 0) revert VaultCutOffPassed(request.epoch);
            _refundableE6 -= uint96(amountUsdE6);
        }
        delete _depositRequests[msg.sender];
        emit DepositRequestCancelled(msg.sender, request.epoch, amountUsdE6);
        _pay(msg.sender, amountUsdE6);
    }

    /// @inheritdoc IFundVault
    function claimShares() external returns (uint256 shares) {
        return deposit(_depositRequests[msg.sender].assetsE6, msg.sender, msg.sender);
    }

    function deposit(uint256 assets, address receiver) external returns (uint256 shares) {
        return deposit(assets, receiver, msg.sender);
    }

    /// @inheritdoc IERC7540Deposit
    function deposit(uint256 assets, address receiver, address controller)
        public
        onlyFor(controller)
        returns (uint256 shares)
    {
        (uint256 priceAssets, uint256 priceShares) = _priceOf(controller);
        shares = Math.mulDiv(assets, priceShares, priceAssets);
        _claimDeposit(assets, shares, receiver, controller);
    }

    function mint(uint256 shares, address receiver) external returns (uint256 assets) {
        return mint(shares, receiver, msg.sender);
    }

    /// @inheritdoc IERC7540Deposit
    function mint(uint256 shares, address receiver, address controller)
        public
        onlyFor(controller)
        returns (uint256 assets)
    {
        (uint256 priceAssets, uint256 priceShares) = _priceOf(controller);
        assets = Math.mulDiv(shares, priceAssets, priceShares, Math.Rounding.Ceil);
        _claimDeposit(assets, shares, receiver, controller);
    }

    /// @dev The entry price of the controller's request: assets for shares.
    function _priceOf(address controller) private view returns (uint256 assets, uint256 shares) {
        Request memory request = _depositRequests[controller];
        if (request.assetsE6 == 0) revert VaultNothingToClaim(controller, request.epoch);
        QueueLib.Epoch storage close = _line.epochs[request.epoch];
        (assets, shares) = (close.assetsE6, close.shares);
        if (shares == 0) revert VaultEpochNotClosed(request.epoch);
    }

    function _claimDeposit(uint256 assets, uint256 shares, address receiver, address controller) private {
        uint256 claimable = _depositRequests[controller].assetsE6;
        if (assets == 0) revert VaultZeroAmount();
        if (assets > claimable) revert VaultExceedsClaimable(assets, claimable);
        if (assets == claimable) delete _depositRequests[controller];
        else _depositRequests[controller].assetsE6 = uint112(claimable - assets);
        emit Deposit(controller, receiver, assets, shares);
        _transfer(address(this), receiver, shares);
    }

    /* OUT */

    /// @inheritdoc IFundVault
    function requestRedeemShares(uint256 shares) external returns (uint256 requestId) {
        return requestRedeem(shares, msg.sender, msg.sender);
    }

    function requestRedeem(uint256 shares, address controller, address owner) public returns (uint256 requestId) {
        _onlyOpen();
        if (shares == 0) revert VaultZeroAmount();
        if (msg.sender != owner && !isOperator[owner][msg.sender]) _spendAllowance(owner, msg.sender, shares);
        _mayControl(controller, owner);
        uint32 epoch = _bookingEpoch();
        _line.add(controller, epoch, shares);
        _transfer(owner, address(this), shares);
        emit RedeemRequest(controller, owner, epoch, msg.sender, shares);
        return epoch;
    }

    /// @inheritdoc IFundVault
    function cancelRedeemRequest() external returns (uint256 shares) {
        uint32 epoch;
        (epoch, shares) = _line.cancel(validator, msg.sender, _windingDown);
        emit RedeemRequestCancelled(msg.sender, epoch, shares);
        _transfer(address(this), msg.sender, shares);
    }

    /// @inheritdoc IFundVault
    function claimRedeem() external returns (uint256 amountUsdE6) {
        (, amountUsdE6) = _claimRedeem(type(uint256).max, false, msg.sender, msg.sender);
    }

    function redeem(uint256 shares, address receiver, address controller) external returns (uint256 assets) {
        (, assets) = _claimRedeem(shares, false, receiver, controller);
    }

    function withdraw(uint256 assets, address receiver, address controller) external returns (uint256 shares) {
        (shares,) = _claimRedeem(assets, true, receiver, controller);
    }

    function _claimRedeem(uint256 amount, bool inAssets, address receiver, address controller)
        private
        onlyFor(controller)
        returns (uint256 shares, uint256 assets)
    {
        (shares, assets) = _line.claim(validator, controller, amount, inAssets);
        uint256 idle = _idleE6;
        if (assets > idle) revert VaultInsufficientIdle(assets, idle);
        (_idleE6, _redemptionsOwedE6) = (uint96(idle - assets), uint96(_redemptionsOwedE6 - assets));
        emit Withdraw(msg.sender, receiver, controller, assets, shares);
        _pay(receiver, assets);
    }

    /* VIEWS */

    function pendingDepositRequest(uint256 requestId, address controller) external view returns (uint256) {
        Request memory request = _depositRequests[controller];
        return request.epoch == requestId && _line.epochs[request.epoch].shares == 0 ? request.assetsE6 : 0;
    }

    function claimableDepositRequest(uint256 requestId, address controller) external view returns (uint256) {
        return _depositRequests[controller].epoch == requestId ? maxDeposit(controller) : 0;
    }

    function pendingRedeemRequest(uint256 requestId, address controller) external view returns (uint256) {
        return _line.pending(validator, requestId, controller);
    }

    function claimableRedeemRequest(uint256 requestId, address controller) external view returns (uint256 shares) {
        if (_line.requests[controller].epoch == requestId) (shares,) = _line.claimable(validator, controller);
    }

    function maxDeposit(address controller) public view returns (uint256) {
        Request memory request = _depositRequests[controller];
        return _line.epochs[request.epoch].shares == 0 ? 0 : request.assetsE6;
    }

    function maxMint(address controller) external view returns (uint256) {
        QueueLib.Epoch storage close = _line.epochs[_depositRequests[controller].epoch];
        return close.shares == 0 ? 0 : Math.mulDiv(maxDeposit(controller), close.shares, close.assetsE6);
    }

    /// @dev Limited by the cash that is there.
    function maxWithdraw(address controller) external view returns (uint256) {
        (, uint256 assetsE6) = _line.claimable(validator, controller);
        return Math.min(assetsE6, _idleE6);
    }

    function maxRedeem(address controller) external view returns (uint256) {
        (uint256 shares, uint256 assetsE6) = _line.claimable(validator, controller);
        return assetsE6 <= _idleE6 ? shares : Math.mulDiv(shares, _idleE6, assetsE6);
    }
}
