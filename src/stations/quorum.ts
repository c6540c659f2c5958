/** Asks every attester the same question and keeps the answer that enough of them gave in the same bytes. */
import { messageOf, Refused } from "../errors/errors.ts";
import type { AttesterPort, SignedStatement } from "../ports/attester.ts";

export type QuorumAnswer = {
  payload: string;
  signatures: string[];
  signers: string[];
  note: string;
  disagreeing: string[];
};

/** @throws Refused when fewer than `quorum` attesters signed the same bytes. */
export async function askQuorum(
  attesters: readonly AttesterPort[],
  quorum: number,
  ask: (attester: AttesterPort) => Promise<SignedStatement>,
): Promise<QuorumAnswer> {
  const answers = await Promise.allSettled(attesters.map(ask));
  const byPayload = new Map<string, SignedStatement[]>();
  const silent: string[] = [];
  const heard = new Set<string>();
  answers.forEach((answer, at) => {
    const name = attesters[at]?.name;
    if (answer.status === "rejected") {
      silent.push(`${name}: ${messageOf(answer.reason)}`);
      return;
    }
    const { payload, signer } = answer.value;
    const alike = byPayload.get(payload) ?? [];
    if (heard.has(signer.toLowerCase())) silent.push(`${name}: answers as ${signer}, who was heard already`);
    else byPayload.set(payload, [...alike, answer.value]);
    heard.add(signer.toLowerCase());
  });
  const groups = [...byPayload.values()].sort((a, b) => b.length - a.length);
  const best = groups[0] ?? [];
  if (best.length < quorum) {
    const said = groups.map((group) => `${group.length}× ${group[0]?.note}`).join("; ");
    throw new Refused(
      "quorum.none",
      `${best.length} of ${attesters.length} agree, ${quorum} needed${said ? `: ${said}` : ""}${silent.length ? `; silent: ${silent.join("; ")}` : ""}`,
    );
  }
  // Exactly k signatures in ascending signer order is what the contract takes.
  const chosen = [...best].sort((a, b) => (BigInt(a.signer) < BigInt(b.signer) ? -1 : 1)).slice(0, quorum);
  return {
    payload: chosen[0]!.payload,
    signatures: chosen.map((statement) => statement.signature),
    signers: chosen.map((statement) => statement.signer),
    note: chosen[0]!.note,
    disagreeing: [
      ...groups
        .slice(1)
        .flat()
        .map((statement) => statement.note),
      ...silent,
    ],
  };
}
