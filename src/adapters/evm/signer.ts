import type { HDNodeWallet, Wallet } from "ethers";
import { type Deployment, PREDICTION_TYPES, predictionDomain } from "../../domain/prediction.ts";
import type { Signer } from "../../ports/ports.ts";

/** Signs predictions with a key held by this process. */
export function localSigner(wallet: Wallet | HDNodeWallet, deployment: Deployment): Signer {
  return {
    address: wallet.address,
    signPrediction: (prediction) =>
      wallet.signTypedData(predictionDomain(deployment), PREDICTION_TYPES, prediction),
  };
}
