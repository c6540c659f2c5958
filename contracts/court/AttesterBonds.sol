// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAttesterBonds} from "../interfaces/IAttesterBonds.sol";
import {IPredictionValidator} from "../interfaces/IPredictionValidator.sol";
import {IQuorumAttester} from "../interfaces/IQuorumAttester.sol";
import {PayloadLib} from "../libraries/PayloadLib.sol";
import {SignatureLib} from "../libraries/SignatureLib.sol";

/// @title AttesterBonds
///
/// PROMISES. Whoever signs two different verdicts on one prediction loses everything posted here, also what is on its
/// way out, and its seat in the set; anyone can show the two signatures, no one is asked to judge. Half goes to whoever
/// shows them, half to the sink. A bond stays liable for `unbondingSeconds`, at least as long as a dispute can last, and
/// a member of the set cannot take its minimum out. Nobody else can move a bond. What was posted less what was paid out
/// and slashed is what is held.
///
/// DOES NOT PROMISE. That a single false verdict is punished: that is the court's and the owner's matter. That a signer
/// does not report itself from another account: it saves half that way and still loses its seat. Anything about
/// statements on settlements and epochs, which an honest witness may repeat with a later time of observation. That the
/// first members of the set are bonded; only later ones must be. Support for assets that charge on transfer or rebase.
contract AttesterBonds is IAttesterBonds {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using PayloadLib for bytes;

    struct Bond {
        uint96 amountUsdE6; // with what is releasing
        uint96 releasingUsdE6;
        uint64 releasableAt;
    }

    IERC20 public immutable asset;
    IPredictionValidator public immutable validator;
    IQuorumAttester public immutable quorum;
    /// @inheritdoc IAttesterBonds
    address public immutable sink;
    /// @inheritdoc IAttesterBonds
    uint256 public immutable minBondUsdE6;
    /// @inheritdoc IAttesterBonds
    uint64 public immutable unbondingSeconds;

    mapping(address signer => Bond) private _bonds;

    /// @param disputeSeconds_ the longest time from a verdict's settlement to the end of a dispute about it.
    constructor(
        address asset_,
        address validator_,
        address quorum_,
        address sink_,
        uint256 minBondUsdE6_,
        uint64 unbondingSeconds_,
        uint64 disputeSeconds_
    ) {
        if (unbondingSeconds_ < disputeSeconds_) revert BondsUnbondingTooShort(unbondingSeconds_, disputeSeconds_);
        asset = IERC20(asset_);
        validator = IPredictionValidator(validator_);
        quorum = IQuorumAttester(quorum_);
        sink = sink_;
        minBondUsdE6 = minBondUsdE6_;
        unbondingSeconds = unbondingSeconds_;
    }

    /* BONDS */

    /// @inheritdoc IAttesterBonds
    function postBond(address signer, uint256 amountUsdE6) external {
        if (amountUsdE6 == 0) revert BondsZeroAmount();
        uint256 oldBond = _bonds[signer].amountUsdE6;
        _bonds[signer].amountUsdE6 = (oldBond + amountUsdE6).toUint96();
        emit BondPosted(signer, msg.sender, oldBond, oldBond + amountUsdE6);
        asset.safeTransferFrom(msg.sender, address(this), amountUsdE6);
    }

    /// @inheritdoc IAttesterBonds
    function requestRelease(uint256 amountUsdE6) external {
        if (amountUsdE6 == 0) revert BondsZeroAmount();
        Bond storage bond = _bonds[msg.sender];
        uint256 free = bond.amountUsdE6 - bond.releasingUsdE6;
        uint256 kept = quorum.isSigner(msg.sender) ? minBondUsdE6 : 0;
        free = free > kept ? free - kept : 0;
        if (amountUsdE6 > free) revert BondsInsufficient(amountUsdE6, free);
        uint64 releasableAt = uint64(block.timestamp) + unbondingSeconds;
        bond.releasingUsdE6 += uint96(amountUsdE6); // part of the bond
        bond.releasableAt = releasableAt;
        emit BondReleaseRequested(msg.sender, amountUsdE6, releasableAt);
    }

    /// @inheritdoc IAttesterBonds
    function release() external {
        Bond storage bond = _bonds[msg.sender];
        uint96 amount = bond.releasingUsdE6;
        if (amount == 0) revert BondsZeroAmount();
        if (block.timestamp < bond.releasableAt) revert BondsTooEarly(block.timestamp, bond.releasableAt);
        (bond.amountUsdE6, bond.releasingUsdE6) = (bond.amountUsdE6 - amount, 0);
        emit BondReleased(msg.sender, amount);
        asset.safeTransfer(msg.sender, amount);
    }

    /* EQUIVOCATION */

    /// @inheritdoc IAttesterBonds
    function proveEquivocation(
        bytes calldata payloadA,
        uint64 setEpochA,
        bytes calldata signatureA,
        bytes calldata payloadB,
        uint64 setEpochB,
        bytes calldata signatureB
    ) external {
        bytes32 id = _verdictOn(payloadA);
        {
            bytes32 other = _verdictOn(payloadB);
            if (id != other) revert BondsOtherPrediction(id, other);
            if (keccak256(payloadA) == keccak256(payloadB)) revert BondsSameVerdict(keccak256(payloadA));
        }
        address signer = _signerOf(payloadA, setEpochA, signatureA);
        {
            address other = _signerOf(payloadB, setEpochB, signatureB);
            if (signer != other) revert BondsOtherSigner(signer, other);
        }
        _slash(signer, id);
    }

    function _slash(address signer, bytes32 id) private {
        uint256 amount = _bonds[signer].amountUsdE6;
        bool seated = quorum.isSigner(signer);
        if (amount == 0 && !seated) revert BondsNothingAtStake(signer);
        delete _bonds[signer];
        uint256 toReporter = amount / 2;
        emit EquivocationProved(signer, id, msg.sender, amount, toReporter);
        if (seated) quorum.removeSigner(signer);
        if (amount == 0) return;
        asset.safeTransfer(msg.sender, toReporter);
        asset.safeTransfer(sink, amount - toReporter);
    }

    function _verdictOn(bytes calldata payload) private view returns (bytes32 id) {
        if (payload.length != PayloadLib.ATTESTATION_BYTES) {
            revert BondsBadPayload(payload.length, PayloadLib.ATTESTATION_BYTES);
        }
        bytes32 expected = validator.attestationDomain();
        if (payload.word(0) != uint256(expected)) revert BondsWrongDomain(bytes32(payload.word(0)), expected);
        return bytes32(payload.word(1));
    }

    function _signerOf(bytes calldata payload, uint64 setEpoch, bytes calldata signature)
        private
        view
        returns (address signer)
    {
        if (signature.length == SignatureLib.BYTES) {
            signer = SignatureLib.signerAt(quorum.attestationDigest(payload, setEpoch), signature, 0);
        }
        if (signer == address(0)) revert BondsBadSignature();
    }

    /* VIEWS */

    /// @inheritdoc IAttesterBonds
    function isBonded(address signer) external view returns (bool) {
        Bond memory bond = _bonds[signer];
        return bond.amountUsdE6 - bond.releasingUsdE6 >= minBondUsdE6;
    }

    /// @inheritdoc IAttesterBonds
    function bondUsdE6(address signer) external view returns (uint256) {
        return _bonds[signer].amountUsdE6;
    }

    /// @inheritdoc IAttesterBonds
    function releasing(address signer) external view returns (uint256 amountUsdE6, uint64 releasableAt) {
        Bond memory bond = _bonds[signer];
        return (bond.releasingUsdE6, bond.releasableAt);
    }
}
