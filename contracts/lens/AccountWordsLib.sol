// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IAttesterBonds} from "../interfaces/IAttesterBonds.sol";
import {IBondVault} from "../interfaces/IBondVault.sol";
import {IFundVault} from "../interfaces/IFundVault.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {IQuorumAttester} from "../interfaces/IQuorumAttester.sol";
import {IStakeVault, LeavingStake} from "../interfaces/IStakeVault.sol";
import {QueueLib} from "../libraries/QueueLib.sol";
import {IStakeSource, LensAddresses} from "./LensSources.sol";
import {TextLib} from "./TextLib.sol";

/// @title Epochs and accounts in plain sentences. Deployed apart, so that the lens fits its size.
library AccountWordsLib {
    using TextLib for uint256;
    using Strings for uint256;

    /// @dev How many epochs back an open request is looked for.
    uint256 private constant MAX_REQUEST_EPOCHS = 16;
    uint256 private constant MAX_MANDATES = 16;
    bytes32 private constant UNSIGNALLED = bytes32(0);

    /* EPOCHS */

    function explainEpoch(LensAddresses memory d, uint32 epoch) external view returns (string memory) {
        if (epoch == 0) return "Epochs begin with 1.";
        IPredictionValidator validator = IPredictionValidator(d.validator);
        uint32 current = validator.currentEpoch();
        if (epoch > current + 1) return string.concat("Epoch ", uint256(epoch).toString(), " has not begun.");
        IFundVault vault = IFundVault(d.vault);
        return string.concat(
            "Epoch ",
            uint256(epoch).toString(),
            _standing(validator, epoch, current),
            _approvals(validator, epoch),
            _requests(vault, epoch, epoch < current)
        );
    }

    function _standing(IPredictionValidator validator, uint32 epoch, uint32 current)
        private
        view
        returns (string memory)
    {
        if (epoch < current) return " is CLOSED. ";
        string memory end = TextLib.time(validator.snapshotAt());
        bool over = block.timestamp >= validator.snapshotAt();
        if (epoch > current) {
            return over
                ? string.concat(" is RUNNING already, since ", end, "; the one before waits for its close. ")
                : string.concat(" begins at ", end, ". ");
        }
        return over
            ? string.concat(
                " ended at ",
                end,
                " and WAITS FOR ITS CLOSE: once every approval in it is final or cancelled, the quorum's statement closes it. "
            )
            : string.concat(" is RUNNING until ", end, ". ");
    }

    function _approvals(IPredictionValidator validator, uint32 epoch) private view returns (string memory) {
        (uint64 opened, uint64 finalized, int128 pnlE8) = validator.epochBook(epoch);
        return string.concat(
            uint256(opened).toString(),
            " approvals, ",
            uint256(finalized).toString(),
            " of them final or cancelled, with ",
            string.concat(TextLib.result(pnlE8), ". ")
        );
    }

    function _requests(IFundVault vault, uint32 epoch, bool closed) private view returns (string memory) {
        QueueLib.Epoch memory e = vault.epochOf(epoch);
        (uint256 sent, uint256 returned) = vault.transfersOf(epoch);
        string memory cash = string.concat(
            "Sent to the venue ", sent.usdE6(), ", returned ", returned.usdE6(), ". Deposits asked for: "
        );
        cash = string.concat(cash, uint256(e.depositsE6).usdE6());
        if (!closed) {
            return string.concat(cash, ". Redemptions asked for: ", uint256(e.requestedShares).shares(), ".");
        }
        if (e.depositsE6 != 0) {
            // E6 of the asset for a share of 12 decimals
            cash = string.concat(
                cash,
                e.shares == 0
                    ? ", without a price: they may be taken back"
                    : string.concat(", at ", (uint256(e.assetsE6) * 1e12 / e.shares).amount(6), " USD a share")
            );
        }
        QueueLib.Epoch memory before = vault.epochOf(epoch - 1);
        return string.concat(
            cash,
            ". Redemptions served: ",
            uint256(e.servedShares - before.servedShares).shares(),
            " for ",
            string.concat(
                uint256(e.paidE6 - before.paidE6).usdE6(),
                "; waiting after the close: ",
                uint256(e.requestedShares - e.servedShares).shares(),
                "."
            )
        );
    }

    /* ACCOUNTS */

    function explainAccount(LensAddresses memory d, address account) external view returns (string memory words) {
        words = string.concat(_roles(d, account), _depositor(d, account));
        if (d.stakeVault != address(0)) words = string.concat(words, _staker(IStakeVault(d.stakeVault), account));
        if (d.attesterBonds != address(0)) words = string.concat(words, _bonded(d, account));
        if (bytes(words).length == 0) return "This account has no role here and holds nothing here.";
    }

    function _roles(LensAddresses memory d, address account) private view returns (string memory words) {
        if (account == d.owner) words = "OWNER of the contracts. ";
        if (account == d.guardian) {
            words = string.concat(words, "GUARDIAN: may pause, trip the breaker, tighten, revoke and cancel. ");
        }
        if (account == IPredictionValidator(d.validator).executor()) {
            words = string.concat(words, "EXECUTOR: trades, and moves cash to and from the venue; never witnesses. ");
        }
        IFundVault vault = IFundVault(d.vault);
        if (account == vault.operator()) words = string.concat(words, _operator(vault));
        if (IQuorumAttester(d.quorum).isSigner(account)) words = string.concat(words, "ATTESTER: a member of the quorum. ");
    }

    function _operator(IFundVault vault) private view returns (string memory words) {
        IBondVault bond = IBondVault(vault.bond());
        words = string.concat(
            "OPERATOR: has a bond of ",
            bond.bondUsdE6().usdE6(),
            ", of which ",
            vault.neededBondUsdE6().usdE6(),
            " must stay; fees owed "
        );
        words = string.concat(words, vault.feesOwedE6(0).usdE6(), ". ");
        uint256 releasing = bond.bondReleasingUsdE6();
        if (releasing == 0) return words;
        return string.concat(
            words, releasing.usdE6(), " of the bond may be released from ", TextLib.time(bond.releasableAt()), ". "
        );
    }

    /* DEPOSITS AND REDEMPTIONS */

    function _depositor(LensAddresses memory d, address account) private view returns (string memory words) {
        IFundVault vault = IFundVault(d.vault);
        uint256 held = vault.balanceOf(account);
        if (held != 0) {
            words = string.concat(
                "Holds ", held.shares(), " of the fund, worth ", vault.convertToAssets(held).usdE6(), " at the last close. "
            );
        }
        uint256 claimable = vault.maxMint(account);
        if (claimable != 0) words = string.concat(words, "May claim ", claimable.shares(), " now (claimShares). ");
        claimable = vault.maxWithdraw(account);
        if (claimable != 0) words = string.concat(words, "May claim ", claimable.usdE6(), " now (claimRedeem). ");
        return string.concat(words, _waiting(vault, IPredictionValidator(d.validator), account));
    }

    /// @dev A request is found by asking for each epoch it may be of, the newest first.
    function _waiting(IFundVault vault, IPredictionValidator validator, address account)
        private
        view
        returns (string memory words)
    {
        uint256 newest = uint256(validator.currentEpoch()) + 1;
        for (uint256 i = 0; i < MAX_REQUEST_EPOCHS && i < newest; ++i) {
            uint256 epoch = newest - i;
            uint256 assets = vault.pendingDepositRequest(epoch, account);
            if (assets != 0) {
                words = string.concat(
                    words, "A deposit of ", assets.usdE6(), _of(epoch), _cancellable(vault, validator, epoch, true)
                );
            }
            uint256 shares = vault.pendingRedeemRequest(epoch, account);
            if (shares != 0) {
                words = string.concat(
                    words, "A redemption of ", shares.shares(), _of(epoch), _cancellable(vault, validator, epoch, false)
                );
            }
        }
    }

    function _of(uint256 epoch) private pure returns (string memory) {
        return string.concat(" waits since epoch ", epoch.toString(), ": ");
    }

    function _cancellable(IFundVault vault, IPredictionValidator validator, uint256 epoch, bool isDeposit)
        private
        view
        returns (string memory)
    {
        (,,, bool windingDown) = vault.depositTerms();
        string memory button = isDeposit ? "cancelDepositRequest" : "cancelRedeemRequest";
        // a close that priced no deposit left it to be taken back
        if (windingDown || (isDeposit && vault.epochOf(uint32(epoch)).closed)) {
            return string.concat("it may be taken back now (", button, "). ");
        }
        (uint32 booking, uint64 endsAt) = validator.epochAt(uint64(block.timestamp));
        if (epoch >= booking) {
            return string.concat("it may be taken back until ", TextLib.time(endsAt), " (", button, "). ");
        }
        return isDeposit
            ? "it gets its price at the close. "
            : "it is served at a close, in the order of the line. ";
    }

    /* STAKE */

    function _staker(IStakeVault stake, address account) private view returns (string memory words) {
        uint256 staked = stake.stakedOf(account);
        uint256 votes = IStakeSource(address(stake)).getVotes(account);
        if (staked != 0) {
            address delegate = IStakeSource(address(stake)).delegates(account);
            words = string.concat(
                "Has staked ",
                staked.saksi(),
                ", of which ",
                stake.signalOf(account, UNSIGNALLED).saksi(),
                delegate == address(0)
                    ? " unsignalled; nobody votes with it yet (delegate). "
                    : string.concat(" unsignalled; ", Strings.toChecksumHexString(delegate), " votes with it. ")
            );
        }
        if (votes != 0) words = string.concat(words, "Votes with ", votes.saksi(), ". ");
        words = string.concat(words, _leaving(stake, account, UNSIGNALLED));
        uint256 count = stake.mandateCount();
        for (uint256 i = 0; i < count && i < MAX_MANDATES; ++i) {
            words = string.concat(words, _signalled(stake, account, stake.mandateAt(i)));
        }
    }

    function _signalled(IStakeVault stake, address account, bytes32 mandateId)
        private
        view
        returns (string memory words)
    {
        string memory name = string.concat(" mandate ", uint256(mandateId).toHexString(32));
        uint256 signalled = stake.signalOf(account, mandateId);
        if (signalled != 0) words = string.concat("Signals ", signalled.saksi(), " to", name, ". ");
        uint256 feesUsdE6 = stake.claimableFeesUsdE6(account, mandateId);
        if (feesUsdE6 != 0) {
            words = string.concat(words, "May claim ", feesUsdE6.usdE6(), " of fees of", name, " (claimFees). ");
        }
        return string.concat(words, _leaving(stake, account, mandateId));
    }

    function _leaving(IStakeVault stake, address account, bytes32 mandateId)
        private
        view
        returns (string memory)
    {
        LeavingStake memory leaving = stake.leavingOf(account, mandateId);
        if (leaving.readyAt == 0) return "";
        bool ready = block.timestamp >= leaving.readyAt;
        return string.concat(
            leaving.amountSaksi.saksi(),
            mandateId == UNSIGNALLED
                ? " of the unsignalled stake"
                : string.concat(" of mandate ", uint256(mandateId).toHexString(32)),
            leaving.out ? " is leaving the vault" : " is moving elsewhere",
            ready ? ", ready since " : ", ready at ",
            string.concat(TextLib.time(leaving.readyAt), leaving.out ? " (withdrawUnstaked). " : " (finishMove). ")
        );
    }

    /* ATTESTERS' BONDS */

    function _bonded(LensAddresses memory d, address account) private view returns (string memory words) {
        IAttesterBonds bonds = IAttesterBonds(d.attesterBonds);
        uint256 bondUsdE6 = bonds.bondUsdE6(account);
        if (bondUsdE6 == 0) return "";
        words = string.concat("Has an attester's bond of ", bondUsdE6.usdE6(), ". ");
        (uint256 releasing, uint64 releasableAt) = bonds.releasing(account);
        if (releasing == 0) return words;
        return string.concat(words, releasing.usdE6(), " of it may be released from ", TextLib.time(releasableAt), ". ");
    }
}
