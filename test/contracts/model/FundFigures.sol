// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IFundVault} from "../../../contracts/interfaces/IFundVault.sol";

/// @title Every figure of a fund in one answer, so that a history can look at all of them after each step.
contract FundFigures {
    uint256 public constant PEOPLE = 3;
    uint256 private constant FUND_FIGURES = 18;
    uint256 private constant PERSON_FIGURES = 9;

    IFundVault private immutable _vault;
    IERC20 private immutable _usd;
    address[PEOPLE] private _people;

    constructor(IFundVault vault, IERC20 usd, address[PEOPLE] memory people) {
        (_vault, _usd, _people) = (vault, usd, people);
    }

    /// @param epochs of the redemption that each person has in the line, 0 for none.
    /// @return figures the fund's, then each person's; negative ones as two's complement.
    function read(uint256[PEOPLE] calldata epochs) external view returns (uint256[] memory figures) {
        figures = new uint256[](FUND_FIGURES + PEOPLE * PERSON_FIGURES);
        figures[0] = _vault.idleUsdE6();
        figures[1] = _vault.redemptionsOwedE6();
        figures[2] = _vault.carryE8();
        figures[3] = _vault.totalAssetsE6();
        figures[4] = uint256(_vault.receivableAtVenueE8());
        figures[5] = _vault.highWaterMarkE18();
        for (uint8 i = 0; i < 3; ++i) {
            figures[6 + i] = _vault.feesOwedE6(i);
        }
        figures[9] = _vault.bondUsdE6();
        figures[10] = _vault.totalSupply();
        figures[11] = _vault.pendingDepositsE6();
        figures[12] = _vault.performanceFeeBps();
        figures[13] = _vault.sharePriceE18();
        figures[14] = _vault.neededBondUsdE6();
        figures[15] = _usd.balanceOf(address(_vault));
        figures[16] = _usd.balanceOf(_vault.bond());
        figures[17] = _vault.unexplainedUsdE6();
        for (uint256 i = 0; i < PEOPLE; ++i) {
            _readPerson(figures, FUND_FIGURES + i * PERSON_FIGURES, _people[i], epochs[i]);
        }
    }

    function _readPerson(uint256[] memory figures, uint256 at, address who, uint256 epoch) private view {
        figures[at] = _vault.balanceOf(who);
        figures[at + 1] = _usd.balanceOf(who);
        figures[at + 2] = _vault.maxDeposit(who);
        figures[at + 3] = _vault.maxMint(who);
        figures[at + 4] = _vault.claimableRedeemRequest(epoch, who);
        figures[at + 5] = _vault.pendingRedeemRequest(epoch, who);
        figures[at + 6] = _vault.maxWithdraw(who);
        figures[at + 7] = _vault.maxRedeem(who);
        figures[at + 8] = _vault.convertToAssets(figures[at]);
    }
}
