// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {QuorumAttester} from "../../../contracts/attest/QuorumAttester.sol";
import {GelatoAttester} from "../../../contracts/attest/GelatoAttester.sol";
import {ModelRegistry} from "../../../contracts/core/ModelRegistry.sol";
import {PredictionValidator} from "../../../contracts/core/PredictionValidator.sol";
import {RiskPolicy} from "../../../contracts/core/RiskPolicy.sol";
import {AttesterBonds} from "../../../contracts/court/AttesterBonds.sol";
import {DisputeCourt} from "../../../contracts/court/DisputeCourt.sol";
import {VenuePriceFeed} from "../../../contracts/feed/VenuePriceFeed.sol";
import {Allocator} from "../../../contracts/fund/Allocator.sol";
import {BondVault} from "../../../contracts/fund/BondVault.sol";
import {FundVault} from "../../../contracts/fund/FundVault.sol";
import {VaultParams} from "../../../contracts/interfaces/IFundVault.sol";
import {Limits} from "../../../contracts/interfaces/Types.sol";
import {MockUsd} from "../../../contracts/mocks/MockUsd.sol";
import {FeeForwarder} from "../../../contracts/stake/FeeForwarder.sol";
import {SaksiToken} from "../../../contracts/stake/SaksiToken.sol";
import {StakeVault} from "../../../contracts/stake/StakeVault.sol";

/// @notice The part of the test runner that the campaigns use.
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function warp(uint256 timestamp) external;
    function prank(address sender) external;
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
}

Vm constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

interface ITransferHook {
    function onTransfer(address from, address to, uint256 amountUsdE6) external;
}

/// @title A dollar that tells one account of every transfer before the call returns: the door for re-entrancy.
contract HookedUsd is MockUsd {
    ITransferHook public hook;

    function setHook(ITransferHook hook_) external {
        hook = hook_;
    }

    function _update(address from, address to, uint256 amountUsdE6) internal override {
        super._update(from, to, amountUsdE6);
        if (address(hook) != address(0)) hook.onTransfer(from, to, amountUsdE6);
    }
}

/// @title The whole protocol, deployed and wired as `deploySaksi` does it; the deriving contract is the owner.
/// @dev Nothing is mocked but the asset, which stands for somebody else's dollar. Attesters and publishers have known
/// keys, so that their signatures are real. The allocator is deployed and not yet named to the fund, the votes are left
/// to whoever needs them.
abstract contract Protocol {
    uint256 internal constant ATTESTERS = 5;
    uint256 internal constant THRESHOLD = 3;
    uint256 internal constant REVIEWERS = 3;
    uint256 internal constant REVIEW_THRESHOLD = 2;
    uint256 internal constant MANDATES = 2;

    address internal constant GUARDIAN = address(0xA1);
    address internal constant EXECUTOR = address(0xA2);
    address internal constant OPERATOR = address(0xA3);
    address internal constant FEEDER = address(0xA4);
    address internal constant TREASURY = address(0xA5);
    address internal constant SINK = address(0xA6);
    address internal constant VENUE = address(0xA7);
    address internal constant GELATO = address(0xA8);
    address internal constant STRANGER = address(0xA9);
    address internal constant SLASH_RECIPIENT = address(0xAA);

    bytes32 internal constant ACCOUNT = keccak256("weex:1001");
    bytes32 internal constant MODEL = keccak256("model");
    /// @dev Published by an attester, which then may not witness its settlements.
    bytes32 internal constant ATTESTERS_MODEL = keccak256("an attester's model");
    bytes32 internal constant PRIVATE_MODEL = keccak256("private model");

    uint64 internal constant EPOCH_SECONDS = 6 hours;
    uint64 internal constant LOOSEN_DELAY = 2 hours;
    uint64 internal constant MAX_PAUSE = 1 days;
    uint64 internal constant SIGNER_DELAY = 1 hours;
    uint64 internal constant REVIEW_SECONDS = 1 hours;
    uint64 internal constant RULING_SECONDS = 2 hours;
    uint32 internal constant FEE_RESERVE_PPM = 800;
    uint256 internal constant COURT_BOND_E6 = 101e6 + 1;
    uint256 internal constant ATTESTER_BOND_E6 = 1_000e6;
    uint256 internal constant OPERATOR_BOND_E6 = 10_000e6;
    uint256 internal constant PRICE_E8 = 60_000e8;

    HookedUsd public immutable usd;
    ModelRegistry public immutable registry;
    RiskPolicy public immutable policy;
    PredictionValidator public immutable validator;
    QuorumAttester public immutable quorum;
    /// @dev The court's other class of attesters.
    QuorumAttester public immutable reviewers;
    GelatoAttester public immutable gelato;
    SaksiToken public immutable saksi;
    StakeVault public immutable stakeVault;
    FeeForwarder public immutable forwarder;
    BondVault public immutable bondVault;
    FundVault public immutable fund;
    Allocator public immutable allocator;
    DisputeCourt public immutable court;
    AttesterBonds public immutable bonds;

    VenuePriceFeed[MANDATES] public feeds;
    bytes32[MANDATES] public mandateIds;
    /// @dev Keys in ascending order of their addresses.
    uint256[ATTESTERS] internal _attesterKeys;
    uint256[REVIEWERS] internal _reviewerKeys;
    uint256 internal immutable _publisherKey = _key("publisher", 0);

    constructor() {
        vm.warp(1_800_000_000);
        for (uint256 i = 0; i < ATTESTERS; ++i) _attesterKeys[i] = _key("attester", i);
        for (uint256 i = 0; i < REVIEWERS; ++i) _reviewerKeys[i] = _key("reviewer", i);
        usd = new HookedUsd();
        registry = new ModelRegistry(address(this), GUARDIAN, 0);
        policy = new RiskPolicy(address(this), GUARDIAN, LOOSEN_DELAY, MAX_PAUSE);
        validator = new PredictionValidator(
            address(this),
            GUARDIAN,
            address(registry),
            address(policy),
            uint64(block.timestamp) + EPOCH_SECONDS,
            EPOCH_SECONDS,
            1 hours,
            FEE_RESERVE_PPM
        );
        quorum = new QuorumAttester(
            address(this), GUARDIAN, address(validator), _sorted(true), THRESHOLD, SIGNER_DELAY
        );
        gelato = new GelatoAttester(address(this), address(validator), GELATO);
        bytes32[MANDATES] memory markets = [keccak256("weex:BTCUSDT"), keccak256("weex:ETHUSDT")];
        for (uint256 i = 0; i < MANDATES; ++i) {
            mandateIds[i] = validator.registerMandate(ACCOUNT, markets[i], OPERATOR);
            feeds[i] = new VenuePriceFeed(address(this), FEEDER, "market");
            policy.openMandate(mandateIds[i], _firstLimits(address(feeds[i])));
        }

        saksi = new SaksiToken(address(this));
        stakeVault = new StakeVault(
            address(this), GUARDIAN, address(saksi), address(usd), 14 days, 7 days, 7 days, 1 days
        );
        for (uint256 i = 0; i < MANDATES; ++i) stakeVault.listMandate(mandateIds[i]);
        forwarder = new FeeForwarder(address(stakeVault), address(usd), mandateIds[0]);
        bondVault = new BondVault(address(usd), OPERATOR, 600);
        fund = new FundVault(
            address(this),
            GUARDIAN,
            address(usd),
            address(validator),
            address(quorum),
            address(bondVault),
            _fundParams(address(forwarder))
        );
        allocator = new Allocator(
            address(this),
            GUARDIAN,
            address(fund),
            address(validator),
            address(stakeVault),
            1 days,
            50_000e6,
            1 days
        );
        court = new DisputeCourt(
            address(this),
            address(usd),
            address(validator),
            SINK,
            COURT_BOND_E6,
            REVIEW_SECONDS,
            RULING_SECONDS,
            1 hours,
            500
        );
        reviewers = new QuorumAttester(
            address(this), GUARDIAN, address(court), _sorted(false), REVIEW_THRESHOLD, SIGNER_DELAY
        );
        bonds = new AttesterBonds(
            address(usd), address(validator), address(quorum), SINK, ATTESTER_BOND_E6, 1 days, 6 hours
        );
        _wire();
    }

    function _wire() private {
        validator.setExecutor(EXECUTOR);
        validator.setVault(address(fund));
        validator.setAdapter(address(quorum), 2, 0x3f, true);
        validator.setAdapter(address(gelato), 1, 0x1b, false);
        validator.scheduleCourt(address(court));
        validator.applyCourt();
        bondVault.setVault(address(fund));
        policy.setBondSource(address(bondVault));
        quorum.setVault(address(fund));
        quorum.setBonds(address(bonds));
        court.scheduleReviewer(address(reviewers));
        court.applyReviewer();
        court.setStake(address(stakeVault), SLASH_RECIPIENT);
        stakeVault.scheduleCourt(address(court));
        stakeVault.scheduleScorer(address(this));
        registry.proposeModel(MODEL, vm.addr(_publisherKey), false);
        registry.proposeModel(ATTESTERS_MODEL, vm.addr(_attesterKeys[0]), false);
        registry.proposeModel(PRIVATE_MODEL, vm.addr(_publisherKey), true);
        registry.activateModel(MODEL);
        registry.activateModel(ATTESTERS_MODEL);
        registry.activateModel(PRIVATE_MODEL);

        usd.mint(OPERATOR, OPERATOR_BOND_E6);
        vm.prank(OPERATOR);
        usd.approve(address(bondVault), type(uint256).max);
        vm.prank(OPERATOR);
        bondVault.postBond(OPERATOR_BOND_E6);
        usd.mint(address(this), ATTESTERS * ATTESTER_BOND_E6);
        usd.approve(address(bonds), type(uint256).max);
        for (uint256 i = 0; i < ATTESTERS; ++i) bonds.postBond(vm.addr(_attesterKeys[i]), ATTESTER_BOND_E6);
    }

    function _key(string memory name, uint256 index) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(name, index)));
    }

    /// @dev Sorts the keys of one class by their addresses, which is the order signatures must come in.
    function _sorted(bool first) private returns (address[] memory accounts) {
        uint256 count = first ? ATTESTERS : REVIEWERS;
        accounts = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 key = first ? _attesterKeys[i] : _reviewerKeys[i];
            address account = vm.addr(key);
            uint256 place = i;
            for (; place > 0 && accounts[place - 1] > account; --place) {
                accounts[place] = accounts[place - 1];
                if (first) _attesterKeys[place] = _attesterKeys[place - 1];
                else _reviewerKeys[place] = _reviewerKeys[place - 1];
            }
            accounts[place] = account;
            if (first) _attesterKeys[place] = key;
            else _reviewerKeys[place] = key;
        }
    }

    function _firstLimits(address feed) internal pure virtual returns (Limits memory) {
        return Limits({
            maxNotionalUsdE6: 25_000e6,
            maxLossUsdE6: 200e6,
            lossBudgetUsdE6: 250e6,
            ratePerDayNotionalUsdE6: 25_000e6,
            active: true,
            ratePerDayCount: 6,
            maxOpen: 3,
            maxLeverageBps: 30_000,
            minConfidencePpm: 520_000,
            maxDrawdownBps: 40,
            minBondBps: 500,
            requiredFlags: 0x1f,
            minLevel: 2,
            priceBandBps: 100,
            entryBandBps: 50,
            fillBandBps: 100,
            maxAgeSeconds: 120,
            feedHeartbeatSeconds: 300,
            feed: feed,
            allocationUsdE6: 50_000e6,
            settleGraceSeconds: 60,
            disputeWindowSeconds: 1200,
            expiryPenaltyUsdE6: 10e6
        });
    }

    function _fundParams(address stakers) internal pure virtual returns (VaultParams memory) {
        return VaultParams({
            venueAccountHash: ACCOUNT,
            venueDeposit: VENUE,
            stakers: stakers,
            treasury: TREASURY,
            venueCapUsdE6: 80_000e6,
            residualToleranceE8: 1e8,
            silenceSeconds: 2 days,
            minDepositUsdE6: 1e6,
            maxDepositUsdE6: 1_000_000e6,
            redeemCapBps: 5_000,
            minBondBps: 500,
            performanceFeeBps: 2_000,
            operatorShareBps: 5_000,
            stakersShareBps: 3_000
        });
    }
}
