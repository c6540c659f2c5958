/**
 * What a single script can honestly say about a published prediction. No import: the host hands in keccak256 and
 * signature recovery, so that one judgement runs in the Chainlink Functions sandbox, in a Gelato Web3 Function and
 * in a test. Deterministic: every time and every bound comes with the terms.
 */

export type Host = {
  keccak256(bytes: Uint8Array): Uint8Array;
  /** @returns the signer's address, lower case; throws when the signature has none. */
  recover(digest: Uint8Array, signature: Uint8Array): string;
};

/** Whom to believe and within which bounds. Prices are E8, times unix seconds. */
export type Terms = {
  id: string;
  chainId: bigint;
  validator: string;
  publisher: string;
  mandateId: string;
  /** The mandate's next sequence; another one is an error, because a verdict would not be recorded. */
  sequence: bigint;
  nowSeconds: bigint;
  maxAgeSeconds: bigint;
  priceToleranceBps: bigint;
};

/** The part of the published document that is read. */
export type Published = { id: string; signature: string; prediction: Record<string, unknown> };

/** Reason codes and flag of `src/domain/attestation.ts`; a test holds them equal. */
export const REASON = {
  none: 0,
  badSignature: 1,
  wrongMandate: 2,
  stale: 10,
  priceOffSecondSource: 60,
} as const;
/** The only thing this script witnesses itself: the price. */
export const PRICE_FLAG = 16;

const FIELDS = [
  ["bytes32", "mandateId"],
  ["bytes32", "modelId"],
  ["uint64", "sequence"],
  ["bytes32", "previousId"],
  ["uint64", "observedAt"],
  ["uint64", "entryExpiresAt"],
  ["uint64", "horizonAt"],
  ["uint64", "settleBy"],
  ["uint128", "referencePriceE8"],
  ["uint128", "maxNotionalUsdE6"],
  ["uint32", "maxLeverageBps"],
  ["uint128", "maxLossUsdE6"],
  ["uint32", "confidencePpm"],
  ["bytes32", "riskSpecHash"],
  ["bytes32", "evidenceHash"],
  ["bytes32", "seal"],
] as const;
const WORD_BYTES = 32;
const SIGNATURE_BYTES = 65;
const BPS = 10_000n;
/** Half the order of secp256k1: a signature above it is a second form of another one. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

type Fields = Record<(typeof FIELDS)[number][1], bigint>;

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export function bytesOf(hex: string, length: number): Uint8Array {
  if (!/^0x([0-9a-fA-F]{2})*$/.test(hex) || hex.length !== 2 + 2 * length)
    throw Error(`expected ${length} bytes of hex`);
  return Uint8Array.from({ length }, (_, at) => Number.parseInt(hex.slice(2 + 2 * at, 4 + 2 * at), 16));
}
export const hexOf = (bytes: Uint8Array): string =>
  `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;

function words(values: readonly bigint[]): Uint8Array {
  const out = new Uint8Array(values.length * WORD_BYTES);
  values.forEach((value, at) => {
    out.set(bytesOf(`0x${value.toString(16).padStart(2 * WORD_BYTES, "0")}`, WORD_BYTES), at * WORD_BYTES);
  });
  return out;
}
const wordOf = (bytes: Uint8Array): bigint => BigInt(hexOf(bytes));

/** Integers travel as {"$n":"12"}; hashes as hex. */
function fieldsOf(prediction: Record<string, unknown>): Fields {
  const read = ([type, name]: (typeof FIELDS)[number]): bigint => {
    const value = prediction[name];
    if (type === "bytes32") return wordOf(bytesOf(String(value), WORD_BYTES));
    const digits = (value as { $n?: unknown } | undefined)?.$n;
    if (typeof digits !== "string" || !/^\d{1,40}$/.test(digits))
      throw Error(`${name} is not a whole number`);
    const number = BigInt(digits);
    if (number >> BigInt(type.slice(4)) !== 0n) throw Error(`${name} does not fit ${type}`);
    return number;
  };
  return Object.fromEntries(FIELDS.map((field) => [field[1], read(field)])) as Fields;
}

/** The EIP-712 digest: the prediction's id. */
function digestOf(host: Host, terms: Terms, fields: Fields): Uint8Array {
  const hash = (text: string): bigint => wordOf(host.keccak256(utf8(text)));
  const domain = words([
    hash("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
    hash("Saksi"),
    hash("1"),
    terms.chainId,
    BigInt(terms.validator),
  ]);
  const struct = words([
    hash(`Prediction(${FIELDS.map((field) => field.join(" ")).join(",")})`),
    ...FIELDS.map(([, name]) => fields[name]),
  ]);
  return host.keccak256(Uint8Array.from([0x19, 1, ...host.keccak256(domain), ...host.keccak256(struct)]));
}

function signerOf(host: Host, digest: Uint8Array, signature: string): string | undefined {
  try {
    const bytes = bytesOf(signature, SIGNATURE_BYTES);
    const v = bytes[SIGNATURE_BYTES - 1];
    if ((v !== 27 && v !== 28) || wordOf(bytes.slice(WORD_BYTES, 2 * WORD_BYTES)) > HALF_ORDER)
      return undefined;
    return host.recover(digest, bytes).toLowerCase();
  } catch {
    return undefined;
  }
}

function reasonOf(
  host: Host,
  terms: Terms,
  published: Published,
  digest: Uint8Array,
  fields: Fields,
  priceE8: bigint,
): number {
  if (signerOf(host, digest, published.signature) !== terms.publisher.toLowerCase())
    return REASON.badSignature;
  if (fields.mandateId !== BigInt(terms.mandateId)) return REASON.wrongMandate;
  const { nowSeconds: now, maxAgeSeconds } = terms;
  const { observedAt, entryExpiresAt, horizonAt, settleBy } = fields;
  if (observedAt > now || now > entryExpiresAt || now > observedAt + maxAgeSeconds) return REASON.stale;
  if (observedAt >= entryExpiresAt || entryExpiresAt > horizonAt || horizonAt > settleBy) return REASON.stale;
  const { referencePriceE8: reference } = fields;
  const off = reference > priceE8 ? reference - priceE8 : priceE8 - reference;
  if (reference === 0n || priceE8 <= 0n || off * BPS > terms.priceToleranceBps * reference)
    return REASON.priceOffSecondSource;
  return REASON.none;
}

/**
 * @param priceE8 the second source's price at `observedAt`.
 * @returns the 224-byte attestation payload, yes or no with a reason.
 * @throws when the document is not the prediction that was asked about: no verdict can be said of it.
 */
export function judge(host: Host, terms: Terms, published: Published, priceE8: bigint): Uint8Array {
  const fields = fieldsOf(published.prediction);
  const digest = digestOf(host, terms, fields);
  if (hexOf(digest) !== terms.id.toLowerCase()) throw Error("the published document is not this prediction");
  if (fields.sequence !== terms.sequence)
    throw Error(`sequence ${fields.sequence} is not the next one, ${terms.sequence}`);
  const reason = reasonOf(host, terms, published, digest, fields, priceE8);
  const verdict = reason === REASON.none ? 1n : 2n;
  const flags = reason === REASON.none ? BigInt(PRICE_FLAG) : 0n;
  const tag = wordOf(host.keccak256(utf8("SaksiAttestationPayload")));
  const domain = wordOf(host.keccak256(words([tag, 1n, terms.chainId, BigInt(terms.validator)])));
  return words([
    domain,
    wordOf(digest),
    fields.evidenceHash,
    fields.referencePriceE8,
    fields.observedAt,
    fields.entryExpiresAt,
    verdict | (BigInt(reason) << 8n) | (flags << 24n),
  ]);
}

/** When the prediction was observed, in unix seconds: decides which candle is asked for. */
export const observedAtOf = (published: Published): bigint => fieldsOf(published.prediction).observedAt;

export const MINUTE_MS = 60_000;
/** Query of the index price's minute that closed at `observedAt`. */
export function indexCandleUrl(venueUrl: string, symbol: string, observedAt: bigint): string {
  const openMs = Number(observedAt) * 1000 - MINUTE_MS;
  return `${venueUrl}/capi/v3/market/historyKlines?symbol=${symbol}&interval=1m&startTime=${openMs}&endTime=${openMs}&limit=1&priceType=INDEX`;
}

/** The close of that minute in E8, from the venue's own digits. */
export function closeOf(rows: unknown, observedAt: bigint): bigint {
  const row = Array.isArray(rows) ? (rows[0] as unknown) : undefined;
  if (!Array.isArray(row) || Number(row[0]) !== Number(observedAt) * 1000 - MINUTE_MS)
    throw Error("the venue has no closed index candle for this time");
  const match = /^(\d{1,20})(?:\.(\d{1,8}))?$/.exec(String(row[4]));
  if (!match) throw Error("the venue's price is not a number with at most 8 decimals");
  return BigInt(match[1] + (match[2] ?? "").padEnd(8, "0"));
}
