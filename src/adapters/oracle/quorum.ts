/** Our own k-of-n attesters, everything in one transaction: in the open, or under seal without the reveal. */
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
  name: "quorum" | "sealed" = "quorum",
): AttestationTransport {
  return {
    name,
    async submit({ id, prediction, signature, reveal }) {
      const document = await published(id);
      const answer = await askQuorum(attesters, quorum, (attester) => attester.attest(document));
      const { verdict, reason } = parseAttestation(answer.payload);
      const delivery = {
        id,
        prediction,
        signature,
        payload: answer.payload,
        signatures: answer.signatures,
      };
      if (name === "sealed") await chain.attestSealed(delivery);
      else await chain.attestQuorum({ ...delivery, reveal });
      const words = verdict === VERDICT.yes ? "attested" : `refused (${reasonName(reason)})`;
      return { summary: `${words} by ${answer.signatures.length} of ${attesters.length}: ${answer.note}` };
    },
  };
}
