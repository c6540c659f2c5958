import assert from "node:assert/strict";
import { test } from "node:test";
import { AbiCoder, concat, keccak256, toUtf8Bytes, verifyTypedData, Wallet } from "ethers";
import fc from "fast-check";
import {
  attestationDomain,
  attestationPayload,
  parseAttestation,
  REASON,
  type ReasonName,
  reasonName,
  settlementDomain,
} from "../../src/domain/attestation.ts";
import { clientOrderId, type Leg } from "../../src/domain/ids.ts";
import { decodeJson, encodeJson } from "../../src/domain/json.ts";
import { sortKey, symbolOf } from "../../src/domain/market.ts";
import {
  type Deployment,
  PREDICTION_TYPES,
  type Prediction,
  predictionDomain,
  predictionId,
  type Reveal,
  sealOf,
  toUnixSeconds,
} from "../../src/domain/prediction.ts";
import { mandateId } from "../../src/domain/settlement-payload.ts";
import { DomainError, UsageError } from "../../src/errors/errors.ts";
import { deployment, prediction, reveal, word } from "./samples.ts";

const abi = AbiCoder.defaultAbiCoder();
const hashOf = (text: string): string => keccak256(toUtf8Bytes(text));

/** EIP-712 written out by hand from the type string of docs/contracts.md. */
function digestByHand({ chainId, validator }: Deployment, p: Prediction): string {
  const domain = keccak256(
    abi.encode(
      ["bytes32", "bytes32", "bytes32", "uint256", "address"],
      [
        hashOf("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
        hashOf("Saksi"),
        hashOf("1"),
        chainId,
        validator,
      ],
    ),
  );
  const type =
    "Prediction(bytes32 mandateId,bytes32 modelId,uint64 sequence,bytes32 previousId,uint64 observedAt,uint64 entryExpiresAt,uint64 horizonAt,uint64 settleBy,uint128 referencePriceE8,uint128 maxNotionalUsdE6,uint32 maxLeverageBps,uint128 maxLossUsdE6,uint32 confidencePpm,bytes32 riskSpecHash,bytes32 evidenceHash,bytes32 seal)";
  const fields = type.slice(type.indexOf("(") + 1, -1).split(",");
  const struct = keccak256(
    abi.encode(
      ["bytes32", ...fields.map((field) => field.split(" ")[0] as string)],
      [hashOf(type), ...fields.map((field) => p[field.split(" ")[1] as keyof Prediction])],
    ),
  );
  return keccak256(concat(["0x1901", domain, struct]));
}

const bytes32 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `0x${Buffer.from(bytes).toString("hex")}`);
const uint = (bits: bigint) => fc.bigInt({ min: 0n, max: 2n ** bits - 1n });

test("a prediction's id is its EIP-712 digest, computed by hand", () => {
  const anyPrediction = fc.record<Prediction>(
    Object.fromEntries(
      PREDICTION_TYPES.Prediction.map(({ name, type }) => [
        name,
        type === "bytes32" ? bytes32 : uint(BigInt(type.slice(4))),
      ]),
    ) as never,
  );
  fc.assert(
    fc.property(anyPrediction, (p) => assert.equal(predictionId(deployment, p), digestByHand(deployment, p))),
    { numRuns: 50 },
  );
});

test("the id changes with every field, the chain and the validator", () => {
  const ids = new Set([predictionId(deployment, prediction)]);
  for (const { name } of PREDICTION_TYPES.Prediction) {
    const value = prediction[name as keyof Prediction];
    ids.add(
      predictionId(deployment, {
        ...prediction,
        [name]: typeof value === "bigint" ? value + 1n : word("fe"),
      }),
    );
  }
  ids.add(predictionId({ ...deployment, chainId: 1n }, prediction));
  ids.add(predictionId({ ...deployment, validator: `0x${"ab".repeat(20)}` }, prediction));
  assert.equal(ids.size, PREDICTION_TYPES.Prediction.length + 3);
});

test("what the publisher signs recovers to the publisher", async () => {
  const wallet = new Wallet(word("01"));
  const signature = await wallet.signTypedData(predictionDomain(deployment), PREDICTION_TYPES, prediction);
  assert.equal(
    verifyTypedData(predictionDomain(deployment), PREDICTION_TYPES, prediction, signature),
    wallet.address,
  );
});

/** The formula of docs/contracts.md, word by word. */
function sealByHand(at: Deployment, mandate: string, sequence: bigint, r: Reveal): string {
  const hex = (value: bigint | string): string => BigInt(value).toString(16).padStart(64, "0");
  const type =
    "Seal(uint256 chainId,address validator,bytes32 mandateId,uint64 sequence,bytes32 salt,uint8 side,uint128 entryLimitE8,uint128 stopE8,uint128 targetE8,uint128 qtyE8,uint32 leverageBps)";
  const words = [
    hashOf(type),
    at.chainId,
    at.validator,
    mandate,
    sequence,
    r.salt,
    r.side === "LONG" ? 1n : 2n,
    r.entryLimitE8,
    r.stopE8,
    r.targetE8,
    r.qtyE8,
    r.leverageBps,
  ];
  return keccak256(`0x${words.map(hex).join("")}`);
}

test("the seal is the formula of the contract, and every revealed word is in it", () => {
  const seal = (r: Reveal, sequence = 7n) => sealOf(deployment, prediction.mandateId, sequence, r);
  for (const side of ["LONG", "SHORT"] as const)
    assert.equal(
      seal({ ...reveal, side }),
      sealByHand(deployment, prediction.mandateId, 7n, { ...reveal, side }),
    );
  const all = [
    seal(reveal),
    seal(reveal, 8n),
    seal({ ...reveal, salt: word("78") }),
    seal({ ...reveal, side: "SHORT" }),
    ...(["entryLimitE8", "stopE8", "targetE8", "qtyE8", "leverageBps"] as const).map((field) =>
      seal({ ...reveal, [field]: reveal[field] + 1n }),
    ),
    sealOf(deployment, word("12"), 7n, reveal),
    sealOf({ ...deployment, chainId: 1n }, prediction.mandateId, 7n, reveal),
  ];
  assert.equal(new Set(all).size, all.length);
});

test("a mandate's id is the contract's formula", () => {
  const operator = `0x${"cd".repeat(20)}`;
  const expected = keccak256(
    concat([
      hashOf("Mandate(bytes32 venueAccountHash,bytes32 marketHash,address operator)"),
      word("01"),
      hashOf("weex:BTCUSDT"),
      `0x${"00".repeat(12)}${"cd".repeat(20)}`,
    ]),
  );
  assert.equal(mandateId(word("01"), "weex:BTCUSDT", operator), expected);
});

test("milliseconds become seconds by flooring, also on the last millisecond", () => {
  assert.equal(toUnixSeconds(1_767_614_400_999), 1_767_614_400n);
  assert.equal(toUnixSeconds(1_767_614_401_000), 1_767_614_401n);
});

test("a client order id fits the venue, and no two of (prediction, leg, attempt) share one", () => {
  const order = fc.tuple(bytes32, fc.constantFrom<Leg>("entry", "exit"), fc.integer({ min: 1, max: 8 }));
  fc.assert(
    fc.property(
      fc.uniqueArray(order, { selector: (one) => one.join(), minLength: 2, maxLength: 20 }),
      (orders) => {
        const ids = orders.map(([id, leg, attempt]) => clientOrderId(id, leg, attempt));
        for (const id of ids) assert.match(id, /^[a-z2-7]{1,36}$/);
        assert.equal(new Set(ids).size, orders.length);
        assert.deepEqual(
          orders.map(([id, leg, attempt]) => clientOrderId(id, leg, attempt)),
          ids,
          "a pure function",
        );
      },
    ),
  );
});

test("the client order id is the base32 of the digest, as any RFC 4648 encoder has it", () => {
  const digest = keccak256(abi.encode(["bytes32", "string", "uint32"], [word("77"), "exit", 3]));
  const bits = BigInt(digest).toString(2).padStart(256, "0");
  const expected = Array.from(
    { length: 32 },
    (_, at) => "abcdefghijklmnopqrstuvwxyz234567"[Number.parseInt(bits.slice(at * 5, at * 5 + 5), 2)],
  );
  assert.equal(clientOrderId(word("77"), "exit", 3), expected.join(""));
});

test("any value with bigints in it survives the journey through JSON", () => {
  const key = fc.string({ maxLength: 6 }).filter((name) => name !== "$n" && name !== "__proto__");
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.bigInt(),
      fc.integer(),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value")),
      fc.dictionary(key, tie("value"), { noNullPrototype: true }),
    ),
  }));
  fc.assert(fc.property(value, (one) => assert.deepEqual(decodeJson(encodeJson(one)), one)));
  assert.deepEqual(decodeJson('{"a":{"$n":"-12"},"b":{"$n":"1","x":1}}'), { a: -12n, b: { $n: "1", x: 1 } });
});

test("text order of a sort key is number order", () => {
  const number = fc.bigInt({ min: 0n, max: 10n ** 16n - 1n });
  fc.assert(fc.property(number, number, (a, b) => assert.equal(sortKey(a) < sortKey(b), a < b)));
});

test("a market is named venue:SYMBOL, and anything else is told how to write it", () => {
  assert.equal(symbolOf("weex:BTCUSDT"), "BTCUSDT");
  for (const market of ["BTCUSDT", "binance:BTCUSDT", "weex:", "weex:btc", "weex:BTC/USDT"])
    assert.throws(
      () => symbolOf(market),
      (error: unknown) => error instanceof UsageError && error.message.includes(`"${market}"`),
    );
});

test("the attestation payload says the same seven words to whoever decodes it", () => {
  const flags = fc.integer({ min: 0, max: 31 });
  fc.assert(
    fc.property(
      fc.constantFrom("yes", "no"),
      fc.integer({ min: 0, max: 65_535 }),
      flags,
      (verdict, reason, setFlags) => {
        const payload = attestationPayload(deployment, word("99"), prediction, {
          verdict,
          reason,
          flags: setFlags,
        });
        const bytes = Buffer.from(payload.slice(2), "hex");
        assert.equal(bytes.length, 224);
        const at = (index: number): bigint =>
          BigInt(`0x${bytes.subarray(index * 32, index * 32 + 32).toString("hex")}`);
        assert.equal(at(0), BigInt(attestationDomain(deployment)));
        assert.equal(at(1), BigInt(word("99")));
        assert.equal(at(2), BigInt(prediction.evidenceHash));
        assert.equal(at(3), prediction.referencePriceE8);
        assert.equal(at(4), prediction.observedAt);
        assert.equal(at(5), prediction.entryExpiresAt);
        assert.equal(
          at(6),
          BigInt(verdict === "yes" ? 1 : 2) + (BigInt(reason) << 8n) + (BigInt(setFlags) << 24n),
        );
        const parsed = parseAttestation(payload);
        assert.deepEqual(
          [parsed.verdict, parsed.reason, parsed.flags],
          [verdict === "yes" ? 1 : 2, reason, setFlags],
        );
      },
    ),
  );
});

test("an attestation of another length or with stray bits is refused", () => {
  const payload = attestationPayload(deployment, word("99"), prediction, {
    verdict: "yes",
    reason: 0,
    flags: 31,
  });
  const refused = (code: string) => (error: unknown) => error instanceof DomainError && error.code === code;
  assert.throws(() => parseAttestation(`${payload}00`), refused("attestation.length"));
  assert.throws(() => parseAttestation("0x"), refused("attestation.length"));
  for (const bit of [32n, 255n]) {
    const last = (BigInt(`0x${payload.slice(-64)}`) | (1n << bit)).toString(16).padStart(64, "0");
    assert.throws(() => parseAttestation(payload.slice(0, -64) + last), refused("attestation.dirtyBits"));
  }
});

test("a payload for one chain, validator or purpose is not valid for another", () => {
  const domains = [
    attestationDomain(deployment),
    settlementDomain(deployment),
    attestationDomain({ ...deployment, chainId: 1n }),
    attestationDomain({ ...deployment, validator: `0x${"ab".repeat(20)}` }),
  ];
  assert.equal(new Set(domains).size, domains.length);
});

test("every reason has a number of its own and its name can be read back", () => {
  const names = Object.keys(REASON) as ReasonName[];
  assert.equal(new Set(Object.values(REASON)).size, names.length);
  for (const name of names) assert.equal(reasonName(REASON[name]), name);
  assert.equal(reasonName(999), "reason 999");
});
