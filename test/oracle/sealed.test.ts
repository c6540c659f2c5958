import assert from "node:assert/strict";
import { test } from "node:test";
import { quorumTransport } from "../../src/adapters/oracle/quorum.ts";
import { ALL_FLAGS, attestationPayload, FLAG } from "../../src/domain/attestation.ts";
import type { AttesterPort } from "../../src/ports/attester.ts";
import type { ChainPort } from "../../src/ports/chain.ts";
import { publishedOf } from "../../src/stations/publish/published.ts";
import { deployment, prediction, reveal, word } from "../domain/samples.ts";

const ID = word("a1");
const payload = attestationPayload(deployment, ID, prediction, {
  verdict: "yes",
  reason: 0,
  flags: ALL_FLAGS | FLAG.DIRECTION,
});
const attesters = [1, 2, 3].map((n) => ({
  name: `attester${n}`,
  attest: async (document: { reveal: unknown }) => {
    assert.deepEqual(document.reveal, reveal, "an attester sees what it vouches for");
    return { signer: `0x${String(n).padStart(40, "0")}`, payload, signature: `0x0${n}`, note: "same" };
  },
})) as unknown as AttesterPort[];

async function submitted(name: "quorum" | "sealed"): Promise<[string, Record<string, unknown>]> {
  const told: [string, Record<string, unknown>][] = [];
  const chain = {
    attestQuorum: async (request: Record<string, unknown>) => told.push(["open", request]),
    attestSealed: async (request: Record<string, unknown>) => told.push(["sealed", request]),
  } as unknown as ChainPort;
  const document = publishedOf({ id: ID, prediction, reveal, evidence: {} } as never);
  const transport = quorumTransport(chain, attesters, 2, async () => document, name);
  assert.equal(transport.name, name);
  await transport.submit({ id: ID, prediction, signature: "0x", reveal });
  return told[0] as [string, Record<string, unknown>];
}

test("under seal the attesters see the reveal and the chain does not", async () => {
  const [way, request] = await submitted("sealed");
  assert.equal(way, "sealed");
  assert.equal("reveal" in request, false);
  assert.deepEqual([request["id"], request["payload"]], [ID, payload]);
});

test("in the open the reveal goes along", async () => {
  const [way, request] = await submitted("quorum");
  assert.deepEqual([way, request["reveal"]], ["open", reveal]);
});
