/**
 * Gelato Web3 Functions: registers the prediction. The validator's AttestationRequested event triggers the function,
 * and the executor's key delivers what it answers through GelatoAttester.
 */
import type { ChainPort } from "../../ports/chain.ts";
import type { AttestationTransport } from "../../ports/ports.ts";

export const gelatoTransport = (chain: ChainPort): AttestationTransport => ({
  name: "gelato",
  async submit({ id, prediction, signature, reveal }) {
    await chain.register({ id, prediction, signature, reveal });
    return { summary: "registered; the event triggers the Web3 Function" };
  },
});
