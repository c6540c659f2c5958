// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IBondVault} from "../interfaces/IBondVault.sol";
import {IFundVault} from "../interfaces/IFundVault.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {IStakeVault} from "../interfaces/IStakeVault.sol";
import {QueueLib} from "../libraries/QueueLib.sol";
import {Check, bit} from "./Check.sol";
import {IGovernorSource, IStakeSource, LensAddresses, LensLib} from "./LensSources.sol";

/// @title The fund's books, its line of redemptions, and the stake.
library MoneyChecks {
    uint256 private constant E8_OF_E6 = 100;

    /* FUND */

    function cash(LensAddresses memory d) internal view returns (uint256 broken) {
        IFundVault vault = IFundVault(d.vault);
        IERC20 asset = IERC20(vault.asset());
        (uint256 idle, uint256 carryE8) = (vault.idleUsdE6(), vault.carryE8());
        broken = bit(Check.F1Cash, asset.balanceOf(d.vault) >= idle + vault.pendingDepositsE6())
            | bit(Check.F8Carry, carryE8 < E8_OF_E6);

        uint256 assets = vault.totalAssetsE6();
        int256 held = int256(idle * E8_OF_E6) + vault.receivableAtVenueE8();
        int256 owned = int256((assets + vault.redemptionsOwedE6() + LensLib.feesOwedE6(vault)) * E8_OF_E6 + carryE8);
        // assets that losses made negative read as zero
        broken |= bit(Check.F2Books, assets == 0 ? held <= owned : held == owned);

        IBondVault bond = IBondVault(vault.bond());
        broken |= bit(Check.F9Bond, asset.balanceOf(address(bond)) >= bond.bondUsdE6());
    }

    function line(LensAddresses memory d) internal view returns (uint256 broken) {
        IFundVault vault = IFundVault(d.vault);
        IPredictionValidator validator = IPredictionValidator(d.validator);
        uint32 current = validator.currentEpoch();
        (,,, bool windingDown) = vault.depositTerms();
        for (uint256 n = current - 1; n > LensLib.oldest(current - 1, LensLib.MAX_EPOCHS); --n) {
            broken |= _closeBits(vault, validator, uint32(n));
        }
        broken |= bit(Check.F11Order, !vault.epochOf(current).closed);

        QueueLib.Epoch memory last = vault.epochOf(current - 1);
        broken |= bit(Check.F5Claims, vault.redemptionsOwedE6() <= last.paidE6);
        uint256 holders = vault.totalSupply() - LensLib.DEAD_SHARES;
        // a wind-down gives unserved shares back without moving the line, and pays at another price
        if (windingDown) return broken;
        uint256 kept = LensLib.waitingShares(vault, current) + LensLib.DEAD_SHARES;
        broken |= bit(Check.F5Shares, vault.balanceOf(address(vault)) >= kept)
            | bit(Check.F7Mark, holders == 0 || vault.highWaterMarkE18() >= vault.sharePriceE18());
    }

    function _closeBits(IFundVault vault, IPredictionValidator validator, uint32 number)
        private
        view
        returns (uint256 broken)
    {
        QueueLib.Epoch memory close = vault.epochOf(number);
        QueueLib.Epoch memory before = vault.epochOf(number - 1);
        (uint64 opened, uint64 finalized,) = validator.epochBook(number);
        bool rises = close.servedShares >= before.servedShares && close.paidE6 >= before.paidE6
            && close.servedShares <= close.requestedShares;
        broken = bit(Check.F11Order, close.closed && rises) | bit(Check.D6Closed, opened == finalized);
        // without a deposit the entry price is not written
        if (!rises || close.shares == 0) return broken;
        uint256 served = close.servedShares - before.servedShares;
        uint256 paid = close.paidE6 - before.paidE6;
        broken |= bit(Check.F4Prices, paid * close.shares <= served * close.assetsE6);
    }

    /* STAKE */

    function stake(LensAddresses memory d) internal view returns (uint256 broken) {
        if (d.stakeVault == address(0)) return 0;
        IStakeVault stakeVault = IStakeVault(d.stakeVault);
        (uint256 staked, uint256 rewards, uint256 reserve, uint256 escrow) = stakeVault.accounts();
        uint256 held = IERC20(IStakeSource(d.stakeVault).saksi()).balanceOf(d.stakeVault);
        broken = bit(Check.S1Stake, held >= staked + rewards + reserve + escrow);

        uint256 feesUsdE6 = 0;
        uint256 count = stakeVault.mandateCount();
        for (uint256 i = 0; i < count && i < LensLib.MAX_MANDATES; ++i) {
            feesUsdE6 += stakeVault.mandateStake(stakeVault.mandateAt(i)).feesUsdE6;
        }
        IERC20 asset = IERC20(IFundVault(d.vault).asset());
        broken |= bit(Check.S1Fees, asset.balanceOf(d.stakeVault) >= feesUsdE6);
        if (d.governor == address(0)) return broken;
        IGovernorSource governor = IGovernorSource(d.governor);
        uint256 lockSeconds = governor.longestLifeSeconds() + governor.LOCK_MARGIN_SECONDS();
        broken |= bit(Check.S2Votes, lockSeconds < stakeVault.unbondingSeconds());
    }
}
