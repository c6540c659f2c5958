/** A real local chain for a test file, and contracts small enough to write by hand. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { after } from "node:test";
import { type Interface, toBeHex, Wallet } from "ethers";
import { Rpc } from "../../src/adapters/evm/rpc.ts";

export const CHAIN_ID = 31_337n;
const READY_MS = 20_000;

/** Copies its call data into a log: three topics, then the data. */
const LOG3_CODE = "0x606036038060606000376040356020356000358360" + "00a300";
export const REVERT_CODE = "0x60006000fd";

export class Anvil {
  readonly rpc: Rpc;
  readonly url: string;
  constructor(url: string) {
    this.url = url;
    this.rpc = new Rpc(url, CHAIN_ID);
  }

  async mine(blocks = 1): Promise<void> {
    for (let at = 0; at < blocks; at++) await this.rpc.send("evm_mine", []);
  }

  async emitter(address: string): Promise<string> {
    await this.rpc.send("anvil_setCode", [address, LOG3_CODE]);
    return address;
  }

  /** Waits in the pool for the next block. */
  async emit(emitter: string, topics: readonly string[], data = "0x"): Promise<string> {
    const [from] = await this.rpc.send<string[]>("eth_accounts", []);
    const call = `0x${topics.map((topic) => topic.slice(2)).join("")}${data.slice(2)}`;
    return this.rpc.send("eth_sendTransaction", [{ from, to: emitter, data: call, gas: "0x30d40" }]);
  }

  emitEvent(emitter: string, abi: Interface, name: string, args: readonly unknown[]): Promise<string> {
    const { topics, data } = abi.encodeEventLog(name, args);
    return this.emit(emitter, topics, data);
  }

  /** A key of its own with money, so that tests do not share nonces. */
  async wallet(): Promise<Wallet> {
    const wallet = new Wallet(Wallet.createRandom().privateKey);
    await this.rpc.send("anvil_setBalance", [wallet.address, toBeHex(10n ** 20n)]);
    return wallet;
  }
}

export async function startAnvil(): Promise<Anvil> {
  const binary = createRequire(import.meta.url).resolve("@foundry-rs/anvil-linux-amd64/bin/anvil");
  const child = spawn(
    binary,
    ["--port", "0", "--no-mining", "--chain-id", String(CHAIN_ID), "--hardfork", "cancun", "--order", "fees"],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  const port = await new Promise<string>((resolve, reject) => {
    let text = "";
    const timer = setTimeout(() => reject(new Error(`anvil was not ready: ${text}`)), READY_MS);
    child.on("error", reject);
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const found = /Listening on 127\.0\.0\.1:(\d+)/.exec(text)?.[1];
      if (!found) return;
      clearTimeout(timer);
      resolve(found);
    });
  });
  const anvil = new Anvil(`http://127.0.0.1:${port}`);
  after(() => {
    anvil.rpc.close();
    child.kill("SIGKILL");
  });
  return anvil;
}
