// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the venue must hold at a snapshot, and what a difference means. Pure; all in E8 and exact.
library ReconcileLib {
    uint8 internal constant CAUSE_RESIDUAL = 2;
    uint8 internal constant CAUSE_TRANSFERS = 3;

    /// @notice The last attested equity, the transfers since and the final results.
    function expectedE8(int256 lastEquityE8, uint256 sentE6, uint256 returnedE6, int256 pnlE8)
        internal
        pure
        returns (int256)
    {
        return lastEquityE8 + (int256(sentE6) - int256(returnedE6)) * 100 + pnlE8;
    }

    /// @notice Why new risk has to stop: 0 when the books agree. A residual weighs more than unequal transfers.
    function causeOf(int256 residualE8, uint256 toleranceE8, bool transfersAgree) internal pure returns (uint8) {
        uint256 distance = uint256(residualE8 < 0 ? -residualE8 : residualE8);
        if (distance > toleranceE8) return CAUSE_RESIDUAL;
        return transfersAgree ? 0 : CAUSE_TRANSFERS;
    }

    /// @notice Parts of a residual: what is against the fund is borne like a loss, what is in its favour is not shared.
    function signs(int256 residualE8) internal pure returns (int256 shortfallE8, int256 surplusE8) {
        return residualE8 < 0 ? (residualE8, int256(0)) : (int256(0), residualE8);
    }
}
