// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {State} from "../interfaces/Types.sol";
import {SettlementLib} from "../libraries/SettlementLib.sol";
import {SettlementDesk} from "./SettlementDesk.sol";

/// @title From a provisional result to a disputed one and back: the court's door into the books.
abstract contract DisputeDesk is SettlementDesk {
    /* COURT */

    /// @inheritdoc IPredictionValidator
    function openDispute(bytes32 id, uint64 deadline) external returns (State state) {
        return SettlementLib.openDispute(_ledger, id, deadline);
    }

    /// @inheritdoc IPredictionValidator
    function closeDispute(bytes32 id, int256 pnlE8, bool voided) external {
        SettlementLib.closeDispute(_ledger, id, pnlE8, voided);
    }

    /* OWNER */

    /// @inheritdoc IPredictionValidator
    function scheduleCourt(address newCourt) external onlyOwner {
        SettlementLib.scheduleCourt(_ledger, newCourt, policyDelaySeconds);
    }

    /// @inheritdoc IPredictionValidator
    function applyCourt() external {
        SettlementLib.applyCourt(_ledger);
    }

    /// @inheritdoc IPredictionValidator
    function court() external view returns (address) {
        return _ledger.court;
    }
}
