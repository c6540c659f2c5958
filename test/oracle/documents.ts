/** A published prediction as the API serves it, and the world in which it is valid. */
import { HDNodeWallet, Mnemonic } from "ethers";
import { MINUTE_MS, type Published, type Terms } from "../../functions/source/judge.ts";
import { encodeJson } from "../../src/domain/json.ts";
import {
  type Deployment,
  PREDICTION_TYPES,
  type Prediction,
  predictionDomain,
  predictionId,
  ZERO_ID,
} from "../../src/domain/prediction.ts";

const PHRASE = "test test test test test test test test test test test junk";
export const publisher = HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(PHRASE), "m/44'/60'/0'/0/3");
export const stranger = HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(PHRASE), "m/44'/60'/0'/0/4");
export const deployment: Deployment = {
  chainId: 31_337n,
  validator: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
};
const word = (byte: string): string => `0x${byte.repeat(32)}`;
const OBSERVED_AT = 1_767_614_400n;

export const prediction = (change: Partial<Prediction> = {}): Prediction => ({
  mandateId: word("a1"),
  modelId: word("b2"),
  sequence: 7n,
  previousId: ZERO_ID,
  observedAt: OBSERVED_AT,
  entryExpiresAt: OBSERVED_AT + 90n,
  horizonAt: OBSERVED_AT + 600n,
  settleBy: OBSERVED_AT + 900n,
  referencePriceE8: 6_400_000_000_000n,
  maxNotionalUsdE6: 5_000_000_000n,
  maxLeverageBps: 20_000n,
  maxLossUsdE6: 50_000_000n,
  confidencePpm: 612_345n,
  riskSpecHash: word("c3"),
  evidenceHash: word("d4"),
  seal: word("e5"),
  ...change,
});

/** What `GET /predictions/:id` answers, after parsing. */
export async function documentOf(p: Prediction, signer = publisher): Promise<Published> {
  const signature = await signer.signTypedData(predictionDomain(deployment), PREDICTION_TYPES, p);
  const id = predictionId(deployment, p);
  return JSON.parse(encodeJson({ id, market: "weex:BTCUSDT", prediction: p, signature })) as Published;
}

export const termsFor = (p: Prediction, change: Partial<Terms> = {}): Terms => ({
  id: predictionId(deployment, p),
  chainId: deployment.chainId,
  validator: deployment.validator,
  publisher: publisher.address,
  mandateId: p.mandateId,
  sequence: p.sequence,
  nowSeconds: p.observedAt + 2n,
  maxAgeSeconds: 120n,
  priceToleranceBps: 100n,
  ...change,
});

/** The venue's reply to the index candle that closed at `observedAt`. */
export const candleRows = (p: Prediction, close: string): unknown => [
  [Number(p.observedAt) * 1000 - MINUTE_MS, "63990.0", "64010.0", "63980.0", close, "0"],
];
