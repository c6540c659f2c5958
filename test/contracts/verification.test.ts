import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Bundle,
  type BundleEntry,
  bundleOf,
  readBundle,
  writeBundle,
} from "../../scripts/deployment/bundle.ts";
import { compareBundle } from "../../scripts/deployment/compare.ts";
import { recorded } from "../../scripts/deployment/record.ts";
import { etherscan, sourcify, type Web } from "../../scripts/deployment/submit.ts";
import { ARTIFACTS, deployRecorded } from "./support/deployed.ts";

/** Of all compilations together, on a slow machine. */
const COMPILE_ALL_MS = 600_000;
/** The end of code whose metadata hash was kept: CBOR with an IPFS hash and the compiler's version. */
const METADATA_HASH = /a2646970667358221220[0-9a-f]{64}64736f6c6343000825[0-9a-f]{4}$/;
const SMALL = "GelatoAttester";

describe("the verification bundle of a deployment", () => {
  let deployed: Awaited<ReturnType<typeof deployRecorded>>;
  let bundle: Bundle;
  before(async () => {
    deployed = await deployRecorded();
    bundle = bundleOf(ARTIFACTS, deployed.built, deployed.record);
  });

  it("compiles to the code on the chain, byte for byte, with the bare compiler in a fresh process", async function (this: {
    timeout(ms: number): void;
  }) {
    this.timeout(COMPILE_ALL_MS);
    const { node, record } = deployed;
    const folder = mkdtempSync(join(tmpdir(), "saksi-bundle-"));
    writeBundle(folder, bundle);
    assert.deepEqual(
      readdirSync(folder).sort(),
      [...new Set(bundle.contracts.map(({ input }) => input)), "contracts.json"].sort(),
    );
    const compared = await compareBundle(node, record, readBundle(folder));
    assert.deepEqual(
      compared.map(({ entry, problems }) => [entry.contract, problems]),
      record.contracts.map(({ contract }) => [contract, []]),
    );
    rmSync(folder, { recursive: true });
  });

  it("keeps the metadata hash, without which a match is never exact", async () => {
    for (const { address } of deployed.record.contracts)
      assert.match(String(await deployed.node.send("eth_getCode", [address, "latest"])), METADATA_HASH);
  });

  it("holds the sources that the contract imports and no other", () => {
    const sources = Object.keys(bundle.inputs[`${SMALL}.input.json`]!.sources);
    assert.deepEqual(sources, [
      "npm/@openzeppelin/contracts@5.7.0/access/Ownable.sol",
      "npm/@openzeppelin/contracts@5.7.0/access/Ownable2Step.sol",
      "npm/@openzeppelin/contracts@5.7.0/utils/Context.sol",
      "project/contracts/attest/GelatoAttester.sol",
      "project/contracts/interfaces/IAttestationSink.sol",
    ]);
  });

  it("no longer matches when a comment in a source changes", async () => {
    const input = `${SMALL}.input.json`;
    const changed = structuredClone(bundle);
    const source = changed.inputs[input]!.sources["project/contracts/attest/GelatoAttester.sol"]!;
    source.content = source.content.replace("/// PROMISES.", "/// Promises.");
    assert.notDeepEqual(changed.inputs[input], bundle.inputs[input]);
    const [compared] = await compareBundle(deployed.node, deployed.record, changed, [SMALL]);
    assert.equal(compared!.problems.length, 2);
    assert.match(
      compared!.problems[0]!,
      /^the code differs from byte \d+ on: (\d+) bytes compiled, \1 on the chain$/,
    );
  });

  it("no longer matches with another constructor argument or another library", async () => {
    const one = structuredClone(bundle);
    const entry = one.contracts.find(({ contract }) => contract === SMALL)!;
    entry.constructorArguments = `${entry.constructorArguments.slice(0, -1)}0`;
    const [compared] = await compareBundle(deployed.node, deployed.record, one, [SMALL]);
    assert.match(compared!.problems.join(), /^the creating transaction differs from byte \d+ on/);

    const two = structuredClone(bundle);
    const validator = two.contracts.find(({ contract }) => contract === "PredictionValidator")!;
    validator.libraries["SettlementLib"] = recorded(deployed.record, "RiskPolicy")!.address;
    const [other] = await compareBundle(deployed.node, deployed.record, two, ["PredictionValidator"]);
    assert.equal(other!.problems.length, 2);
  });

  it("is not made from sources other than the deployed ones", () => {
    const { built, record } = deployed;
    const contracts = record.contracts.map((one) =>
      one.contract === SMALL ? { ...one, creationCodeHash: `0x${"1".repeat(64)}` } : one,
    );
    assert.throws(
      () => bundleOf(ARTIFACTS, built, { ...record, contracts }),
      /GelatoAttester at 0x\w+ was deployed from other sources or settings than the compiled ones/,
    );
  });
});

describe("handing a contract to the public verifiers", () => {
  const entry: BundleEntry = {
    contract: "PredictionValidator",
    address: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    identifier: "project/contracts/core/PredictionValidator.sol:PredictionValidator",
    compilerVersion: "0.8.37+commit.f401782d",
    input: "PredictionValidator.input.json",
    constructorArguments: "0x00ff",
    libraries: { SettlementLib: "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512" },
  };
  const library = "project/contracts/libraries/SettlementLib.sol";
  const input = {
    language: "Solidity",
    sources: { [library]: { content: "" } },
    settings: { remappings: [] },
  };
  /** Answers the requests in turn, and keeps them. */
  const web = (answers: [number, unknown][]) => {
    const asked: { url: string; body: string }[] = [];
    const fake: Web = {
      fetch: async (url, init) => {
        asked.push({ url, body: String(init?.body ?? "") });
        const [status, body] = answers[Math.min(asked.length, answers.length) - 1]!;
        return new Response(JSON.stringify(body), { status });
      },
      sleep: async () => undefined,
    };
    return { asked, fake };
  };

  it("gives Sourcify the input as compiled and is content with an exact match alone", async () => {
    const good = web([
      [202, { verificationId: "7" }],
      [200, { isJobCompleted: false }],
      [200, { isJobCompleted: true, contract: { match: "exact_match" } }],
    ]);
    assert.equal(await sourcify(1, entry, input, "0xaa", good.fake), "exact match");
    assert.deepEqual(JSON.parse(good.asked[0]!.body), {
      stdJsonInput: input,
      compilerVersion: entry.compilerVersion,
      contractIdentifier: entry.identifier,
      creationTransactionHash: "0xaa",
    });
    const partial = web([
      [202, { verificationId: "7" }],
      [200, { isJobCompleted: true, contract: { match: "match" } }],
    ]);
    await assert.rejects(sourcify(1, entry, input, "0xaa", partial.fake), /found only match/);
  });

  it("gives Etherscan the libraries in the settings, and says what it refuses", async () => {
    const good = web([
      [200, { status: "1", message: "OK", result: "guid" }],
      [200, { status: "0", message: "NOTOK", result: "Pending in queue" }],
      [200, { status: "1", message: "OK", result: "Pass - Verified" }],
    ]);
    assert.equal(await etherscan(1, entry, input, "secret", good.fake), "verified");
    const form = new URLSearchParams(good.asked[0]!.body);
    assert.match(good.asked[0]!.url, /\?chainid=1&module=contract&action=verifysourcecode&apikey=secret$/);
    assert.match(good.asked[2]!.url, /action=checkverifystatus&apikey=secret&guid=guid$/);
    assert.deepEqual(JSON.parse(form.get("sourceCode")!).settings.libraries, { [library]: entry.libraries });
    assert.equal(form.get("constructorArguments"), "00ff");
    const bad = web([
      [200, { status: "1", message: "OK", result: "guid" }],
      [200, { status: "0", message: "NOTOK", result: "Fail - Unable to verify" }],
    ]);
    await assert.rejects(etherscan(1, entry, input, "secret", bad.fake), /Fail - Unable to verify/);
  });

  it("stops asking after a while, and says no key when there is no answer", async () => {
    const slow = web([
      [200, { status: "1", message: "OK", result: "guid" }],
      [200, { status: "0", message: "NOTOK", result: "Pending in queue" }],
    ]);
    await assert.rejects(etherscan(1, entry, input, "secret", slow.fake), /no verdict within 120 s/);
    assert.equal(slow.asked.length, 25);
    const silent: Web = { fetch: () => Promise.reject(new Error("secret")), sleep: async () => undefined };
    await assert.rejects(
      etherscan(1, entry, input, "secret", silent),
      (error: Error) =>
        /api\.etherscan\.io gave no readable answer/.test(error.message) && !error.message.includes("secret"),
    );
  });
});
