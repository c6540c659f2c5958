/**
 * Chainlink Functions: registers the prediction, then asks the network through FunctionsAttester. The router calls the
 * attester back with the verdict; nothing here waits for it. Both transactions are keyed intents, so that a repeated
 * submission after a kill sends nothing twice.
 */
import { symbolOf } from "../../domain/market.ts";
import { toUnixSeconds } from "../../domain/prediction.ts";
import type { ChainPort } from "../../ports/chain.ts";
import type { AttestationTransport, Clock } from "../../ports/ports.ts";

export const MAX_AGE_SECONDS = 120n;
export const PRICE_TOLERANCE_BPS = 100n;

export type FunctionsOptions = {
  chain: ChainPort;
  clock: Clock;
  /** The script whose hash FunctionsAttester holds. */
  source: string;
  /** Where the network's nodes find the publisher's public API, and the venue. */
  publisherUrl: string;
  venueUrl: string;
  market: string;
  mandateId: string;
  publisher: string;
};

export function functionsTransport(options: FunctionsOptions): AttestationTransport {
  const { chain, clock, source, publisherUrl, venueUrl, market, mandateId, publisher } = options;
  return {
    name: "functions",
    async submit({ id, prediction, signature, reveal }) {
      const { sequence } = await chain.nextSequence(mandateId);
      await chain.register({ id, prediction, signature, reveal });
      // The contract puts the id in front; the order is that of `Args` in functions/source/attest.ts.
      await chain.requestFunctions({
        id,
        source,
        args: [
          publisherUrl,
          venueUrl,
          symbolOf(market),
          String(chain.chainId),
          chain.validator,
          publisher,
          mandateId,
          String(sequence),
          String(toUnixSeconds(clock.nowMs())),
          String(MAX_AGE_SECONDS),
          String(PRICE_TOLERANCE_BPS),
        ],
      });
      return {
        summary: `registered and asked of the Functions network with ${Buffer.byteLength(source)} bytes of source`,
      };
    },
  };
}
