import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Contract, getCreateAddress, JsonRpcProvider } from "ethers";
import { readRecord, recorded, recordFile } from "../../scripts/deployment/record.ts";
import { roleWallet, TEST_MNEMONIC } from "../../src/config/scenario.ts";

/** Of all compilations together, on a slow machine. */
const COMPILE_ALL_MS = 300_000;
const COMMAND_MS = 120_000;
const START_POLL_MS = 50;
const MAX_START_POLLS = 200;
const STRANGER = roleWallet("actor").address;
const FILES = new URL("../../ignition/parameters/", import.meta.url).pathname;

describe("the deployment commands on a node of their own", () => {
  const root = new URL("../../", import.meta.url).pathname;
  const folder = mkdtempSync(join(tmpdir(), "saksi-deploy-"));
  let chain: ChildProcess;
  let rpc = "";

  before(async () => {
    const anvil = createRequire(import.meta.url).resolve("@foundry-rs/anvil-linux-amd64/bin/anvil");
    const options = [
      "--port",
      "0",
      "--chain-id",
      "31337",
      "--hardfork",
      "cancun",
      "--mnemonic",
      TEST_MNEMONIC,
    ];
    // Into a file: the commands below are waited for, and nobody would empty a pipe meanwhile.
    const log = join(folder, "chain.log");
    chain = spawn(anvil, options, { stdio: ["ignore", openSync(log, "w"), "ignore"] });
    for (let poll = 0; poll < MAX_START_POLLS && rpc === ""; poll++) {
      await new Promise((next) => setTimeout(next, START_POLL_MS));
      const found = /Listening on (127\.0\.0\.1:\d+)/.exec(readFileSync(log, "utf8"));
      if (found !== null) rpc = `http://${found[1]}`;
    }
  });
  after(() => {
    chain.kill();
    rmSync(folder, { recursive: true });
  });

  /** Runs one command to its end. */
  const run = (script: string, ...options: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, "scripts", script), "--network", "local", "--deployments", folder, ...options],
      { encoding: "utf8", timeout: COMMAND_MS },
    );
    return { status, out: stdout, err: stderr };
  };

  it("deploy, read back, find a change, and deploy nothing twice", async () => {
    const parameters = join(FILES, "local.json");
    const before = run("deploy-check.ts", "--rpc", rpc);
    assert.equal(before.status, 2);
    assert.match(before.err, /local\.json does not exist; deploy first, with npm run deploy/);

    const deploy = run("deploy.ts", "--rpc", rpc, "--parameters", parameters);
    assert.equal(deploy.status, 0, deploy.err);
    assert.match(
      deploy.out,
      /19 contracts deployed by 0xf39F.*written\nblock \d+: \d+ values read back, 0 differ, 0 pending/,
    );
    const check = run("deploy-check.ts", "--rpc", rpc);
    assert.equal(check.status, 0, check.err);

    const record = readRecord(recordFile(folder, "local"));
    const node = new JsonRpcProvider(rpc, 31337, { staticNetwork: true, cacheTimeout: -1 });
    const validator = new Contract(
      recorded(record, "PredictionValidator")!.address,
      ["function setExecutor(address newExecutor)"],
      await node.getSigner(0),
    );
    await (await validator["setExecutor"]!(STRANGER)).wait();
    node.destroy();
    const changed = run("deploy-check.ts", "--rpc", rpc);
    assert.equal(changed.status, 1);
    assert.match(
      changed.err,
      new RegExp(`^difference: PredictionValidator at .*executor\\(\\): .*found ${STRANGER}\n$`),
    );

    const again = run("deploy.ts", "--rpc", rpc, "--parameters", parameters);
    assert.equal(again.status, 1);
    assert.match(again.out, /exists: nothing is deployed, what stands is read back/);
  });

  it("write the verification bundle and find contracts to match it", async function (this: {
    timeout(ms: number): void;
  }) {
    this.timeout(COMPILE_ALL_MS);
    const bundle = run("verify-bundle.ts");
    assert.equal(bundle.status, 0, bundle.err);
    // verification.test.ts compiles all of them
    const some = ["PredictionValidator", "SaksiTimelock"].flatMap((name) => ["--contract", name]);
    const verify = run("verify.ts", "--rpc", rpc, ...some);
    assert.equal(verify.status, 0, verify.err);
    assert.match(verify.out, /2 of 2 contracts match/);
    assert.match(run("verify.ts", "--contract", "Bank").err, /^Bank is none of the bundle's contracts\n$/);
    assert.match(run("verify.ts", "--submit").err, /local is not a public chain; leave --submit out/);
  });

  it("say where the governor will stand when Ignition deploys", () => {
    const { out } = run("deploy.ts", "--rpc", rpc, "--governor-of", STRANGER);
    assert.equal(out, `${getCreateAddress({ from: STRANGER, nonce: 12 })}\n`);
  });

  it("say in one sentence what is missing", () => {
    const run1 = (script: string, ...options: string[]) =>
      spawnSync(process.execPath, [join(root, "scripts", script), ...options], { encoding: "utf8", env: {} })
        .stderr;
    assert.match(run1("deploy.ts"), /^say which network: --network with one of local, testnet, mainnet\n$/);
    assert.match(
      run1("deploy.ts", "--network", "mainnet", "--parameters", "x"),
      /^no node is named for mainnet: set SAKSI_MAINNET_RPC_URL or give --rpc with its address\n$/,
    );
    assert.match(
      run1("deploy.ts", "--network", "testnet", "--rpc", rpc, "--parameters", "x"),
      /^the node is on chain 31337 and testnet is chain 11155111; give the node of that chain\n$/,
    );
    const adopt = ["--parameters", join(FILES, "local.json"), "--adopt", "latest"];
    assert.match(
      run1("deploy.ts", "--network", "local", "--deployments", join(folder, "none"), "--rpc", rpc, ...adopt),
      /^--adopt takes the blocks, FIRST-LAST, and needs --deployer with the account\n$/,
    );
    assert.match(
      run1("deploy.ts", "--network", "local", "--world", folder),
      /holds no world; start one with saksi up --store\n$/,
    );
    assert.match(run1("deploy.ts", "--network", "local", "--speed", "1"), /^Unknown option '--speed'/);
  });
});
