// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title A fund without guards, on which the attacks against the real one succeed. Tests only.
/// @dev Shares at once, at the price of the moment, of the balance it happens to hold; a close that walks its queue.
contract NaiveVault {
    IERC20 public immutable asset;
    uint256 public totalShares;
    mapping(address account => uint256) public sharesOf;
    mapping(address account => uint256) public served;
    address[] private _queue;

    constructor(address asset_) {
        asset = IERC20(asset_);
    }

    function deposit(uint256 amount) external returns (uint256 shares) {
        shares = totalShares == 0 ? amount : amount * totalShares / asset.balanceOf(address(this));
        totalShares += shares;
        sharesOf[msg.sender] += shares;
        asset.transferFrom(msg.sender, address(this), amount);
    }

    function redeem(uint256 shares) external returns (uint256 amount) {
        amount = shares * asset.balanceOf(address(this)) / totalShares;
        totalShares -= shares;
        sharesOf[msg.sender] -= shares;
        asset.transfer(msg.sender, amount);
    }

    function request() external {
        _queue.push(msg.sender);
    }

    function close() external {
        for (uint256 i = 0; i < _queue.length; ++i) {
            ++served[_queue[i]];
        }
        delete _queue;
    }
}
