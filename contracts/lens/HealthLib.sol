// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LensAddresses} from "./LensSources.sol";
import {MoneyChecks} from "./MoneyChecks.sol";
import {PredictionChecks} from "./PredictionChecks.sol";
import {RoleChecks} from "./RoleChecks.sol";

/// @title All checks of a deployment's health. Deployed apart, so that the lens fits its size.
library HealthLib {
    /// @return the bit of each `Check` that does not hold.
    function broken(LensAddresses memory d) external view returns (uint256) {
        uint256 rules = PredictionChecks.mandates(d) | PredictionChecks.rules(d) | PredictionChecks.witnesses(d);
        uint256 money = MoneyChecks.cash(d) | MoneyChecks.line(d) | MoneyChecks.stake(d);
        return rules | money | RoleChecks.roles(d) | RoleChecks.core(d) | RoleChecks.edges(d)
            | RoleChecks.stakeAndGovernance(d);
    }
}
