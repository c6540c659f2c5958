import assert from "node:assert/strict";
import type { Server } from "node:http";
import { after, before, describe, it } from "node:test";
import { jsonServer, listen, postJson } from "../../src/adapters/http/json.ts";
import { remoteAttester, remoteAttesters, witnessServer } from "../../src/adapters/oracle/witness-client.ts";
import { Refused, UnknownOutcome } from "../../src/errors/errors.ts";
import type { AttesterPort, SignedStatement } from "../../src/ports/attester.ts";
import type { Notify } from "../../src/ports/ports.ts";
import { askQuorum } from "../../src/stations/quorum.ts";
import { hash, published, statement } from "./published.ts";
import { attesterKey, QUORUM, SIGNER_SET, signed } from "./signed.ts";

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});
async function serve(server: Server): Promise<string> {
  servers.push(server);
  return `http://127.0.0.1:${await listen(server, 0)}`;
}

const KEY = attesterKey(1);
/** Asks the attester at this address, whose key is the first; `lines` are what a person was told. */
function client(url: string, lines: string[] = []): AttesterPort {
  const notify: Notify = { line: ({ subject, text }) => void lines.push(`${subject} ${text}`) };
  return remoteAttester(
    { name: "attester1", url, signer: KEY.address },
    { quorum: QUORUM, signerSetEpoch: async () => SIGNER_SET, notify },
  );
}

describe("an attester's server", () => {
  const asked: string[] = [];
  let url = "";
  before(async () => {
    const say = (what: "Attestation" | "EpochAttestation") => {
      asked.push(what);
      return signed(KEY, what);
    };
    const witness: AttesterPort = {
      name: "attester1",
      attest: () => say("Attestation"),
      witnessSettlement: async () => {
        throw new Refused("witness.notFlat", "the position is not closed: nothing to settle yet");
      },
      witnessEpoch: () => say("EpochAttestation"),
    };
    url = await serve(witnessServer(witness, async () => void asked.push("clock")));
  });
  const post = async (route: string, body: string) => {
    const response = await fetch(url + route, { method: "POST", body });
    return { status: response.status, reply: (await response.json()) as { code: string; error: string } };
  };

  it("answers a question that fits", async () => {
    const attester = client(url);
    assert.deepEqual(await attester.attest(published()), await signed(KEY, "Attestation"));
    assert.deepEqual(
      await attester.witnessEpoch({ mandateId: hash("1"), epoch: 1n, snapshotAt: 5n }),
      await signed(KEY, "EpochAttestation"),
    );
  });

  it("passes a refusal on in its own words", () =>
    assert.rejects(
      client(url).witnessSettlement(published()),
      (error: Error) => error instanceof Refused && /not closed/.test(error.message),
    ));

  for (const [route, body, why] of [
    ["/attest", "{}", /^published prediction: id: /],
    ["/attest", "", /^published prediction: /],
    ["/settlement", '{"id":"0x","secret":1}', /^published prediction: /],
    [
      "/epoch",
      `{"mandateId":"${hash("1")}","epoch":1,"snapshotAt":{"$n":"5"}}`,
      /^epoch request: epoch: .*bigint/,
    ],
    [
      "/epoch",
      `{"mandateId":"${hash("1")}","epoch":{"$n":"1"},"snapshotAt":{"$n":"5"},"x":1}`,
      /^epoch request: Unrecognized key: "x"$/,
    ],
    ["/attest", "{", /^the body is not JSON$/],
  ] as const)
    it(`refuses ${body || "nothing"} at ${route} before anything is asked`, async () => {
      asked.length = 0;
      const { status, reply } = await post(route, body);
      assert.equal(status, 422);
      assert.match(reply.error, why);
      assert.deepEqual(asked, []);
    });

  it("goes on after a refusal", async () =>
    assert.deepEqual(await postJson(`${url}/attest`, published()), await signed(KEY, "Attestation")));
});

describe("an attester that answers nonsense", () => {
  for (const reply of [{}, null, { ...statement(), signature: "0x" }, { ...statement(), surplus: 1 }])
    it(`counts as silent, and a line names it: ${JSON.stringify(reply).slice(0, 60)}`, async () => {
      const url = await serve(jsonServer({ "POST /attest": async () => reply }));
      const lines: string[] = [];
      await assert.rejects(
        client(url, lines).attest(published()),
        (error: Error) => error instanceof UnknownOutcome && /no signed statement/.test(error.message),
      );
      assert.match(lines.join(), /^attester1 answered with something that is no signed statement: .*silent$/);
    });
});

/** r, n − s, the other v: recovers to the same key, and the contract refuses it. */
function mirrored(signature: string): string {
  const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const s = n - BigInt(`0x${signature.slice(66, 130)}`);
  return `${signature.slice(0, 66)}${s.toString(16).padStart(64, "0")}${signature.endsWith("1b") ? "1c" : "1b"}`;
}

describe("a statement that the asked attester did not sign", () => {
  const honest = () => signed(KEY, "Attestation");
  const cases: Record<string, [() => Promise<SignedStatement>, RegExp]> = {
    "signed by somebody else, who says so": [
      () => signed(attesterKey(2), "Attestation"),
      /^attester1 answered as 0x\w+, expected 0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf; counted as silent$/,
    ],
    "signed by somebody else in its name": [
      async () => ({ ...(await signed(attesterKey(2), "Attestation")), signer: KEY.address }),
      /does not recover to 0x7E5F/,
    ],
    "about another payload": [
      async () => ({ ...(await honest()), payload: `0x${"01".repeat(224)}` }),
      /does not recover/,
    ],
    "of another kind": [() => signed(KEY, "SettlementAttestation"), /does not recover/],
    "for another contract": [
      () => signed(KEY, "Attestation", { quorumAddress: `0x${"c1".repeat(20)}` }),
      /does not recover/,
    ],
    "under a former signer set": [
      () => signed(KEY, "Attestation", { signerSetEpoch: SIGNER_SET - 1n }),
      /under signer set 3/,
    ],
    "in a spelling the contract refuses, mirrored": [
      async () => ({ ...(await honest()), signature: mirrored((await honest()).signature) }),
      /does not recover/,
    ],
    "in a spelling the contract refuses, v of 0 or 1": [
      async () => {
        const { signature, ...rest } = await honest();
        return { ...rest, signature: `${signature.slice(0, 130)}${signature.endsWith("1b") ? "00" : "01"}` };
      },
      /does not recover/,
    ],
    "with no point on the curve": [
      async () => ({ ...(await honest()), signature: `0x${"ff".repeat(64)}1b` }),
      /does not recover/,
    ],
  };
  for (const [name, [say, words]] of Object.entries(cases))
    it(`counts as silent, and a line names the attester: ${name}`, async () => {
      const url = await serve(jsonServer({ "POST /attest": say }));
      const lines: string[] = [];
      await assert.rejects(client(url, lines).attest(published()), UnknownOutcome);
      assert.equal(lines.length, 1);
      assert.match(lines[0] as string, words);
    });

  it("does not keep the others from a quorum, which has only signatures that were checked", async () => {
    const reads: number[] = [];
    const attesters = await Promise.all(
      [1, 2, 3, 4, 5].map(async (at) => {
        const says = () =>
          at < 3
            ? signed(attesterKey(9), "Attestation").then((s) => ({ ...s, signer: attesterKey(at).address }))
            : signed(attesterKey(at), "Attestation");
        const url = await serve(jsonServer({ "POST /attest": says }));
        return { name: `attester${at}`, url, signer: attesterKey(at).address };
      }),
    );
    const lines: string[] = [];
    const panel = remoteAttesters(attesters, {
      quorum: QUORUM,
      signerSetEpoch: async () => {
        reads.push(1);
        return SIGNER_SET;
      },
      notify: { line: ({ subject }) => void lines.push(subject) },
    });
    const ask = () => askQuorum(panel, 3, (attester) => attester.attest(published()));
    const answer = await ask();
    assert.deepEqual(new Set(answer.signers), new Set([3, 4, 5].map((at) => attesterKey(at).address)));
    assert.deepEqual(lines.sort(), ["attester1", "attester2"]);
    assert.equal(reads.length, 1, "the signer set is read once for all that are asked together");
    await ask();
    assert.equal(reads.length, 2, "and again the next time: it may have changed");
  });
});
