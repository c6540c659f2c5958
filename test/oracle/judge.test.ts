import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { getBytes, hexlify, keccak256, recoverAddress } from "ethers";
import fc from "fast-check";
import {
  closeOf,
  type Host,
  indexCandleUrl,
  judge,
  PRICE_FLAG,
  REASON,
} from "../../functions/source/judge.ts";
import { attestationPayload, REASON as CODES, FLAG, parseAttestation } from "../../src/domain/attestation.ts";
import { type Prediction, predictionId } from "../../src/domain/prediction.ts";
import { candleRows, deployment, documentOf, prediction, stranger, termsFor } from "./documents.ts";

const host: Host = {
  keccak256: (bytes) => getBytes(keccak256(bytes)),
  recover: (digest, signature) => recoverAddress(hexlify(digest), hexlify(signature)),
};
const PRICE = 6_400_000_000_000n;

const refusal = (p: Prediction, reason: number): string =>
  attestationPayload(deployment, predictionId(deployment, p), p, { verdict: "no", reason, flags: 0 });

describe("the judgement of the single-script transports", () => {
  it("gives for a sound prediction the same bytes as the attesters' encoder, with the price flag alone", async () => {
    const p = prediction();
    const payload = hexlify(judge(host, termsFor(p), await documentOf(p), PRICE));
    const expected = { verdict: "yes" as const, reason: CODES.none, flags: FLAG.PRICE };
    assert.equal(payload, attestationPayload(deployment, predictionId(deployment, p), p, expected));
    assert.equal(getBytes(payload).length, 224);
  });

  it("holds its reason codes and its flag equal to the domain's", () => {
    for (const [name, code] of Object.entries(REASON)) assert.equal(code, CODES[name as keyof typeof CODES]);
    assert.equal(PRICE_FLAG, FLAG.PRICE);
  });

  it("agrees with the domain for any prediction", async () => {
    const bits = (count: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(count)) - 1n });
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hexlify(bytes));
    const times = fc.record({
      observedAt: fc.bigInt({ min: 1_000n, max: 1n << 40n }),
      entry: fc.bigInt({ min: 2n, max: 10_000n }),
    });
    const any = fc.record({
      times,
      modelId: hash,
      evidenceHash: hash,
      seal: hash,
      sequence: bits(64),
      referencePriceE8: fc.bigInt({ min: 1n, max: 1n << 100n }),
      maxNotionalUsdE6: bits(128),
      maxLeverageBps: bits(32),
    });
    await fc.assert(
      fc.asyncProperty(any, async ({ times: { observedAt, entry }, ...rest }) => {
        const entryExpiresAt = observedAt + entry;
        const p = prediction({
          ...rest,
          observedAt,
          entryExpiresAt,
          horizonAt: entryExpiresAt,
          settleBy: entryExpiresAt,
        });
        const payload = hexlify(judge(host, termsFor(p), await documentOf(p), p.referencePriceE8));
        assert.equal(
          payload,
          attestationPayload(deployment, predictionId(deployment, p), p, {
            verdict: "yes",
            reason: 0,
            flags: FLAG.PRICE,
          }),
        );
      }),
      { numRuns: 40 },
    );
  });

  it("refuses with a reason what it can read but not approve", async () => {
    const p = prediction();
    const document = await documentOf(p);
    const cases: [string, Uint8Array, number][] = [
      [
        "a stranger's signature",
        judge(host, termsFor(p), await documentOf(p, stranger), PRICE),
        CODES.badSignature,
      ],
      ["no signature", judge(host, termsFor(p), { ...document, signature: "0x" }, PRICE), CODES.badSignature],
      [
        "another mandate",
        judge(host, termsFor(p, { mandateId: `0x${"0f".repeat(32)}` }), document, PRICE),
        CODES.wrongMandate,
      ],
      [
        "an expired entry",
        judge(host, termsFor(p, { nowSeconds: p.entryExpiresAt + 1n }), document, PRICE),
        CODES.stale,
      ],
      [
        "too old an observation",
        judge(host, termsFor(p, { maxAgeSeconds: 1n }), document, PRICE),
        CODES.stale,
      ],
      [
        "an observation from the future",
        judge(host, termsFor(p, { nowSeconds: p.observedAt - 1n }), document, PRICE),
        CODES.stale,
      ],
      [
        "a price out of tolerance",
        judge(host, termsFor(p), document, (PRICE * 10_101n) / 10_000n),
        CODES.priceOffSecondSource,
      ],
    ];
    for (const [what, payload, reason] of cases) assert.equal(hexlify(payload), refusal(p, reason), what);
  });

  it("approves a price exactly at the tolerance", async () => {
    const p = prediction();
    const payload = hexlify(judge(host, termsFor(p), await documentOf(p), (PRICE * 10_100n) / 10_000n));
    assert.equal(parseAttestation(payload).verdict, 1);
  });

  it("takes the second form of a signature for no signature", async () => {
    const p = prediction();
    const document = await documentOf(p);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = (order - BigInt(`0x${document.signature.slice(66, 130)}`)).toString(16).padStart(64, "0");
    const v = document.signature.endsWith("1b") ? "1c" : "1b";
    const twin = `${document.signature.slice(0, 66)}${s}${v}`;
    assert.equal(
      hexlify(judge(host, termsFor(p), { ...document, signature: twin }, PRICE)),
      refusal(p, CODES.badSignature),
    );
  });

  it("says nothing at all about a document that is not the prediction asked about", async () => {
    const p = prediction();
    const document = await documentOf(p);
    for (const change of [{ maxLossUsdE6: { $n: "50000001" } }, { seal: `0x${"00".repeat(32)}` }]) {
      const tampered = { ...document, prediction: { ...document.prediction, ...change } };
      assert.throws(() => judge(host, termsFor(p), tampered, PRICE), /not this prediction/);
    }
    assert.throws(
      () => judge(host, termsFor(p, { sequence: 8n }), document, PRICE),
      /sequence 7 is not the next one, 8/,
    );
    assert.throws(() => judge(host, termsFor(p, { chainId: 1n }), document, PRICE), /not this prediction/);
  });

  it("names the field of a document that cannot be read", async () => {
    const p = prediction();
    const document = await documentOf(p);
    const broken = (change: object) => ({ ...document, prediction: { ...document.prediction, ...change } });
    assert.throws(
      () => judge(host, termsFor(p), broken({ sequence: 7 }), PRICE),
      /sequence is not a whole number/,
    );
    assert.throws(
      () => judge(host, termsFor(p), broken({ maxLeverageBps: { $n: "4294967296" } }), PRICE),
      /maxLeverageBps does not fit uint32/,
    );
    assert.throws(
      () => judge(host, termsFor(p), broken({ seal: "0x12" }), PRICE),
      /expected 32 bytes of hex/,
    );
  });
});

describe("the second source of the price", () => {
  it("is the index minute that closed at the observation", () => {
    const p = prediction();
    const url = new URL(indexCandleUrl("http://venue", "BTCUSDT", p.observedAt));
    assert.equal(url.pathname, "/capi/v3/market/historyKlines");
    assert.equal(Number(url.searchParams.get("startTime")), Number(p.observedAt) * 1000 - 60_000);
    assert.equal(closeOf(candleRows(p, "64000.1"), p.observedAt), 6_400_010_000_000n);
    assert.equal(closeOf(candleRows(p, "64000"), p.observedAt), 6_400_000_000_000n);
  });

  it("is an error when the venue shows another minute or something that is no price", () => {
    const p = prediction();
    assert.throws(() => closeOf([], p.observedAt), /no closed index candle/);
    assert.throws(() => closeOf(candleRows(p, "64000"), p.observedAt + 60n), /no closed index candle/);
    assert.throws(() => closeOf(candleRows(p, "6.4e4"), p.observedAt), /not a number/);
    assert.throws(() => closeOf(candleRows(p, "64000.123456789"), p.observedAt), /at most 8 decimals/);
  });
});
