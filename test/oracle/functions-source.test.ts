/** The bundled request source, in this process and in the vendor's simulator. Skipped until functions/ is installed. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, describe, it } from "node:test";
import { AbiCoder, hexlify } from "ethers";
import type { Published } from "../../functions/source/judge.ts";
import { FunctionsAttesterAbi } from "../../src/adapters/evm/abi/FunctionsAttester.ts";
import { jsonServer, listen } from "../../src/adapters/http/json.ts";
import { functionsTransport } from "../../src/adapters/oracle/functions.ts";
import { isInstalled } from "../../src/adapters/oracle/vendor-install.ts";
import { attestationPayload, FLAG, parseAttestation, REASON } from "../../src/domain/attestation.ts";
import { type Prediction, predictionId } from "../../src/domain/prediction.ts";
import type { ChainPort } from "../../src/ports/chain.ts";
import { candleRows, deployment, documentOf, prediction, publisher, stranger } from "./documents.ts";

const MAX_SOURCE_BYTES = 30_000;
const skip = isInstalled("functions") ? false : "functions/ is not installed: npm ci --prefix functions";

/** Arguments exactly as the transport sends them, with the id in front as the contract puts it. */
async function argsOf(
  p: Prediction,
  urls: { publisherUrl: string; venueUrl: string },
  nowSeconds: bigint,
): Promise<string[]> {
  const sent: string[][] = [];
  const chain = {
    ...deployment,
    nextSequence: async () => ({ sequence: p.sequence, previousId: p.previousId }),
    register: async () => undefined,
    requestFunctions: async ({ id, args }: { id: string; args: string[] }) => sent.push([id, ...args]),
  } as unknown as ChainPort;
  const transport = functionsTransport({
    chain,
    ...urls,
    clock: { nowMs: () => Number(nowSeconds) * 1000 },
    source: "",
    market: "weex:BTCUSDT",
    mandateId: p.mandateId,
    publisher: publisher.address,
  });
  await transport.submit({
    id: predictionId(deployment, p),
    prediction: p,
    signature: "0x",
    reveal: {} as never,
  });
  return sent[0] as string[];
}

const yes = (p: Prediction): string =>
  attestationPayload(deployment, predictionId(deployment, p), p, {
    verdict: "yes",
    reason: 0,
    flags: FLAG.PRICE,
  });

describe("the Chainlink Functions source", { skip }, () => {
  const p = prediction();
  const now = p.observedAt + 2n;
  let document: Published;
  let close = "64000.0";
  let source = "";
  let urls = { publisherUrl: "", venueUrl: "" };
  const server = jsonServer({
    "GET /predictions/": async () => document,
    "GET /capi/v3/market/historyKlines": async () => candleRows(p, close),
  });

  before(async () => {
    document = await documentOf(p);
    const url = `http://127.0.0.1:${await listen(server, 0)}`;
    urls = { publisherUrl: url, venueUrl: url };
    source = await (await import("../../functions/build.ts")).buildSource();
  });
  after(() => void server.close());

  it("fits into a request with its arguments", async () => {
    const args = await argsOf(p, urls, now);
    const bytes = Buffer.byteLength(source) + args.reduce((sum, arg) => sum + Buffer.byteLength(arg) + 3, 64);
    assert.ok(bytes < MAX_SOURCE_BYTES, `${bytes} bytes`);
    assert.ok(
      FunctionsAttesterAbi.some((line) =>
        line.startsWith("function requestAttestation(bytes32 digest, string source, string[] args)"),
      ),
    );
  });

  it("understands the arguments of the transport and refuses another number of them", async () => {
    // By address: its packages are not there to be type-checked until the folder is installed.
    const { main } = (await import(new URL("../../functions/source/attest.ts", import.meta.url).href)) as {
      main(args: readonly string[], request: (call: { url: string }) => Promise<object>): Promise<Uint8Array>;
    };
    const request = async ({ url }: { url: string }) => ({ data: await (await fetch(url)).json() });
    const args = await argsOf(p, urls, now);
    assert.equal(hexlify(await main(args, request)), yes(p));
    await assert.rejects(main(args.slice(1), request), /expected 12 arguments, not 11/);
    await assert.rejects(
      main(args, async () => ({ error: true })),
      /the publisher did not answer/,
    );
  });

  it("returns in the vendor's simulator the attesters' bytes, a refusal, or an error", async () => {
    const { answerOf } = await import("../../functions/request.ts");
    const { require, encode } = vendor();
    const run = async (nowSeconds: bigint) =>
      answerOf(require, {
        requestId: "0x",
        commitment: [],
        data: encode(source, await argsOf(p, urls, nowSeconds)),
      });

    assert.deepEqual(await run(now), { response: yes(p) });
    assert.equal(parseAttestation((await run(p.entryExpiresAt + 1n)).response).reason, REASON.stale);
    close = "65000.0";
    assert.equal(parseAttestation((await run(now)).response).reason, REASON.priceOffSecondSource);
    close = "64000.0";
    document = await documentOf(p, stranger);
    assert.equal(parseAttestation((await run(now)).response).reason, REASON.badSignature);
    document = {
      ...(await documentOf(p)),
      prediction: (await documentOf(prediction({ maxLossUsdE6: 1n }))).prediction,
    };
    assert.deepEqual(await run(now), {
      response: "0x",
      error: "the published document is not this prediction",
    });
  });

  it("answers a request that is no CBOR with an error", async () => {
    const { answerOf } = await import("../../functions/request.ts");
    const answer = await answerOf(vendor().require, { requestId: "0x", commitment: [], data: "0x63616263" });
    assert.deepEqual(answer, { response: "0x", error: "CBOR parsing error" });
  });

  it("reports exactly one of response and error", async () => {
    const { encodeReport } = await import("../../functions/request.ts");
    const commitment = [`0x${"11".repeat(32)}`, stranger.address, 1, stranger.address, 1, 1, 0, 0, 1, 1, 1];
    const request = { requestId: `0x${"22".repeat(32)}`, data: "0x", commitment };
    const report = encodeReport(vendor().require, request, { response: "0x", error: "no" });
    const lists = ["bytes32[]", "bytes[]", "bytes[]", "bytes[]", "bytes[]"];
    const [ids, responses, errors, commitments] = AbiCoder.defaultAbiCoder().decode(lists, report);
    assert.deepEqual([...ids], [request.requestId]);
    assert.deepEqual([...responses], ["0x"]);
    assert.deepEqual([...errors], [hexlify(Buffer.from("no"))]);
    assert.equal((commitments[0].length - 2) / 2, 11 * 32);
  });
});

/** The vendor's packages as functions/network.ts finds them, and a request in the contract's CBOR. */
function vendor() {
  const folder = new URL("../../functions/", import.meta.url);
  process.env["PATH"] =
    `${new URL("node_modules/@deno/linux-x64-glibc", folder).pathname}:${process.env["PATH"]}`;
  process.env["NODE_BACKEND"] = "js";
  const require = createRequire(new URL("network.ts", folder));
  const cbor = require("cbor") as { encode(value: unknown): Buffer };
  const pairs = (source: string, args: string[]) => [
    "codeLocation",
    0,
    "language",
    0,
    "source",
    source,
    "args",
    args,
  ];
  const encode = (source: string, args: string[]): string =>
    hexlify(Buffer.concat(pairs(source, args).map((item) => cbor.encode(item))));
  return { require, encode };
}
