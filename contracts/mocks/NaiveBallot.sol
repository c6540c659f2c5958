// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title A ballot that counts what a voter holds at the moment: tests only.
contract NaiveBallot {
    IERC20 public immutable token;
    uint256 public votes;

    constructor(address token_) {
        token = IERC20(token_);
    }

    function vote() external {
        votes += token.balanceOf(msg.sender);
    }
}
