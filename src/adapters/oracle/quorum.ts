/** The default transport: our own k-of-n attesters, everything in one transaction. */
import { parseAttestation, reasonName, VERDICT } from "../../domain/attestation.ts";
import type { AttesterPort, PublishedPrediction } from "../../ports/attester.ts";
import type { ChainPort } from "../../ports/chain.ts";
import type { AttestationTransport } from "../../ports/ports.ts";
import { askQuorum } from "../../stations/quorum.ts";

export function quorumTransport(
  chain: ChainPort,
  attesters: readonly AttesterPort[],
  quorum: number,
  published: (id: string) => Promise<PublishedPrediction>,
): AttestationTransport {
  return {
    name: "quorum",
    async submit({ id, prediction, signature, reveal }) {
      const document = await published(id);
      const answer = await askQuorum(attesters, quorum, (attester) => attester.attest(document));
      const { verdict, reason } = parseAttestation(answer.payload);
      await chain.attestQuorum({
        id,
        prediction,
        signature,
        reveal,
        payload: answer.payload,
        signatures: answer.signatures,
      });
      const words = verdict === VERDICT.yes ? "attested" : `refused (${reasonName(reason)})`;
      return { summary: `${words} by ${answer.signatures.length} of ${attesters.length}: ${answer.note}` };
    },
  };
}
