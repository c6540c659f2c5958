// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title SaksiToken
///
/// PROMISES. The supply is made once, at deployment, and only falls: there is no function that mints, no owner, no
/// pause, no list of accounts. Rewards of stakers come from a reserve that somebody paid into `StakeVault`; what a bad
/// score burns is gone.
///
/// DOES NOT PROMISE. A vote. Tokens in a wallet or on loan decide nothing: only stake in `StakeVault` votes, because
/// only stake can be held to account for what it decided. So the token keeps no history of balances, and a transfer
/// costs what a plain transfer costs.
contract SaksiToken is ERC20, ERC20Burnable, ERC20Permit {
    uint256 public constant INITIAL_SUPPLY_SAKSI = 100_000_000e18;

    error TokenZeroHolder();

    constructor(address initialHolder) ERC20("Saksi", "SAKSI") ERC20Permit("Saksi") {
        if (initialHolder == address(0)) revert TokenZeroHolder();
        _mint(initialHolder, INITIAL_SUPPLY_SAKSI);
    }
}
