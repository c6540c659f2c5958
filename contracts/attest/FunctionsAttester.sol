// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IAttestationSink} from "../interfaces/IAttestationSink.sol";
import {IFunctionsClient, IFunctionsRouter} from "../interfaces/IChainlinkFunctions.sol";
import {FunctionsRequestLib} from "../libraries/FunctionsRequestLib.sol";

/// @title FunctionsAttester
///
/// PROMISES. A client of Chainlink Functions: only the router delivers, only to a request that is open, and only a
/// payload about the prediction that was asked for. The JavaScript that runs is the one whose hash the owner fixed. The
/// callback never reverts for a reason of ours, because the network delivers once: what went wrong is kept and emitted.
///
/// DOES NOT PROMISE. That the network answers (ask again after the timeout), or that it recomputed the model: it cannot
/// run inference, and the validator masks that flag. The network closed in June 2026; the contract is proven against
/// its own simulator and works with old deployments and private routers.
contract FunctionsAttester is IFunctionsClient, Ownable2Step {
    struct Request {
        bytes32 digest;
        uint64 timeoutAt;
    }

    uint256 public constant MAX_SOURCE_BYTES = 30_000;
    uint256 private constant RESPONSE_BYTES = 224;

    IAttestationSink public immutable sink;
    IFunctionsRouter public immutable router;
    uint64 public immutable timeoutSeconds;

    address public requester;
    uint64 public subscriptionId;
    uint32 public callbackGasLimit;
    bytes32 public donId;
    bytes32 public sourceHash;

    mapping(bytes32 requestId => Request) public requests;
    /// @notice keccak256 of the last error about a prediction: the network's, or of the response that did not fit.
    mapping(bytes32 digest => bytes32) public lastErrorHash;

    event RequestSent(bytes32 indexed requestId, bytes32 indexed digest, uint64 timeoutAt);
    event RequestDelivered(bytes32 indexed requestId, bytes32 indexed digest, uint8 status);
    event RequestFailed(bytes32 indexed requestId, bytes32 indexed digest, bytes32 errorHash);
    event RequestIgnored(bytes32 indexed requestId);
    event RequestTimedOut(bytes32 indexed requestId, bytes32 indexed digest);
    event RequesterChanged(address indexed oldRequester, address indexed newRequester);
    event SourceChanged(bytes32 oldSourceHash, bytes32 newSourceHash);
    event NetworkChanged(uint64 subscriptionId, bytes32 donId, uint32 callbackGasLimit);

    error FunctionsUnauthorised(address caller);
    error FunctionsWrongSource(bytes32 given, bytes32 expected);
    error FunctionsSourceTooLong(uint256 given, uint256 limit);
    error FunctionsUnknownRequest(bytes32 requestId);
    error FunctionsTooEarly(uint256 nowAt, uint256 notBefore);

    constructor(
        address owner_,
        address requester_,
        address sink_,
        address router_,
        uint64 subscriptionId_,
        bytes32 donId_,
        uint32 callbackGasLimit_,
        bytes32 sourceHash_,
        uint64 timeoutSeconds_
    ) Ownable(owner_) {
        requester = requester_;
        sink = IAttestationSink(sink_);
        router = IFunctionsRouter(router_);
        (subscriptionId, donId, callbackGasLimit) = (subscriptionId_, donId_, callbackGasLimit_);
        sourceHash = sourceHash_;
        timeoutSeconds = timeoutSeconds_;
        emit RequesterChanged(address(0), requester_);
        emit SourceChanged(bytes32(0), sourceHash_);
        emit NetworkChanged(subscriptionId_, donId_, callbackGasLimit_);
    }

    /* REQUEST */

    /// @notice Asks the network about a registered prediction (requester only).
    /// @param source the JavaScript; its keccak256 must be `sourceHash`.
    /// @param args what the script reads besides the digest; the digest is put first, as 0x-hex.
    function requestAttestation(bytes32 digest, string calldata source, string[] calldata args)
        external
        returns (bytes32 requestId)
    {
        if (msg.sender != requester) revert FunctionsUnauthorised(msg.sender);
        if (bytes(source).length > MAX_SOURCE_BYTES) {
            revert FunctionsSourceTooLong(bytes(source).length, MAX_SOURCE_BYTES);
        }
        bytes32 given = keccak256(bytes(source));
        if (given != sourceHash) revert FunctionsWrongSource(given, sourceHash);
        bytes memory data = encodeRequest(digest, source, args);
        requestId =
            router.sendRequest(subscriptionId, data, FunctionsRequestLib.DATA_VERSION, callbackGasLimit, donId);
        uint64 timeoutAt = uint64(block.timestamp) + timeoutSeconds;
        requests[requestId] = Request(digest, timeoutAt);
        emit RequestSent(requestId, digest, timeoutAt);
    }

    /// @notice The CBOR that `requestAttestation` hands to the router.
    function encodeRequest(bytes32 digest, string calldata source, string[] calldata args)
        public
        pure
        returns (bytes memory)
    {
        string[] memory all = new string[](args.length + 1);
        all[0] = _hex(digest);
        for (uint256 i = 0; i < args.length; ++i) {
            all[i + 1] = args[i];
        }
        return FunctionsRequestLib.encode(source, all);
    }

    /// @notice Forgets a request the network never answered. Open to anyone after the timeout.
    function timeoutRequest(bytes32 requestId) external {
        Request memory request = requests[requestId];
        if (request.timeoutAt == 0) revert FunctionsUnknownRequest(requestId);
        if (block.timestamp < request.timeoutAt) revert FunctionsTooEarly(block.timestamp, request.timeoutAt);
        delete requests[requestId];
        emit RequestTimedOut(requestId, request.digest);
    }

    /* CALLBACK */

    /// @inheritdoc IFunctionsClient
    function handleOracleFulfillment(bytes32 requestId, bytes calldata response, bytes calldata err) external {
        if (msg.sender != address(router)) revert FunctionsUnauthorised(msg.sender);
        Request memory request = requests[requestId];
        if (request.timeoutAt == 0) {
            emit RequestIgnored(requestId);
            return;
        }
        delete requests[requestId];
        if (err.length != 0) return _fail(requestId, request.digest, keccak256(err));
        if (response.length != RESPONSE_BYTES || bytes32(response[32:64]) != request.digest) {
            return _fail(requestId, request.digest, keccak256(response));
        }
        try sink.submit(response) returns (uint8 status) {
            emit RequestDelivered(requestId, request.digest, status);
        } catch (bytes memory reason) {
            _fail(requestId, request.digest, keccak256(reason));
        }
    }

    function _fail(bytes32 requestId, bytes32 digest, bytes32 errorHash) private {
        lastErrorHash[digest] = errorHash;
        emit RequestFailed(requestId, digest, errorHash);
    }

    /* OWNER */

    function setRequester(address newRequester) external onlyOwner {
        emit RequesterChanged(requester, newRequester);
        requester = newRequester;
    }

    function setSourceHash(bytes32 newSourceHash) external onlyOwner {
        emit SourceChanged(sourceHash, newSourceHash);
        sourceHash = newSourceHash;
    }

    function setNetwork(uint64 newSubscriptionId, bytes32 newDonId, uint32 newCallbackGasLimit) external onlyOwner {
        (subscriptionId, donId, callbackGasLimit) = (newSubscriptionId, newDonId, newCallbackGasLimit);
        emit NetworkChanged(newSubscriptionId, newDonId, newCallbackGasLimit);
    }

    function _hex(bytes32 value) private pure returns (string memory) {
        bytes16 digits = "0123456789abcdef";
        bytes memory out = new bytes(66);
        (out[0], out[1]) = ("0", "x");
        for (uint256 i = 0; i < 32; ++i) {
            out[2 + 2 * i] = digits[uint8(value[i]) >> 4];
            out[3 + 2 * i] = digits[uint8(value[i]) & 0x0f];
        }
        return string(out);
    }
}
