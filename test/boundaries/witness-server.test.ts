import assert from "node:assert/strict";
import type { Server } from "node:http";
import { after, before, describe, it } from "node:test";
import { jsonServer, listen, postJson } from "../../src/adapters/http/json.ts";
import { remoteAttester, witnessServer } from "../../src/adapters/oracle/witness-client.ts";
import { Refused, UnknownOutcome } from "../../src/errors/errors.ts";
import type { AttesterPort } from "../../src/ports/attester.ts";
import { hash, published, statement } from "./published.ts";

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});
async function serve(server: Server): Promise<string> {
  servers.push(server);
  return `http://127.0.0.1:${await listen(server, 0)}`;
}

describe("an attester's server", () => {
  const asked: string[] = [];
  let url = "";
  before(async () => {
    const say = (what: string) => {
      asked.push(what);
      return statement();
    };
    const witness: AttesterPort = {
      name: "attester1",
      attest: async () => say("attest"),
      witnessSettlement: async () => {
        throw new Refused("witness.notFlat", "the position is not closed: nothing to settle yet");
      },
      witnessEpoch: async () => say("epoch"),
    };
    url = await serve(witnessServer(witness, async () => void asked.push("clock")));
  });
  const post = async (route: string, body: string) => {
    const response = await fetch(url + route, { method: "POST", body });
    return { status: response.status, reply: (await response.json()) as { code: string; error: string } };
  };

  it("answers a question that fits", async () => {
    const attester = remoteAttester("attester1", url);
    assert.deepEqual(await attester.attest(published()), statement());
    assert.deepEqual(
      await attester.witnessEpoch({ mandateId: hash("1"), epoch: 1n, snapshotAt: 5n }),
      statement(),
    );
  });

  it("passes a refusal on in its own words", () =>
    assert.rejects(
      remoteAttester("a", url).witnessSettlement(published()),
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
    assert.deepEqual(await postJson(`${url}/attest`, published()), statement()));
});

describe("an attester that answers nonsense", () => {
  for (const reply of [{}, null, { ...statement(), signature: "0x" }, { ...statement(), surplus: 1 }])
    it(`counts as silent: ${JSON.stringify(reply).slice(0, 60)}`, async () => {
      const url = await serve(jsonServer({ "POST /attest": async () => reply }));
      await assert.rejects(
        remoteAttester("attester1", url).attest(published()),
        (error: Error) => error instanceof UnknownOutcome && /no signed statement/.test(error.message),
      );
    });
});
