// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title Borrows, acts and gives back in one transaction, or none of it happens: tests only.
contract FlashBorrower {
    struct Act {
        address target;
        bytes data;
    }

    function run(IERC20 token, address lender, uint256 amount, Act[] calldata acts) external {
        token.transferFrom(lender, address(this), amount);
        for (uint256 i = 0; i < acts.length; ++i) {
            Address.functionCall(acts[i].target, acts[i].data);
        }
        token.transfer(lender, amount);
    }
}
