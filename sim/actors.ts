/**
 * Scenario actors: people and conditions around the system, acting only by ordinary transactions and by the exchange's
 * fault switches. `node sim/actors.ts --dir DIR`. Each act is bound to a sequence of the mandate, so that it is part of
 * the run and repeats exactly; nothing in `src` knows of it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  feedAbi,
  forwarderAbi,
  policyAbi,
  quorumAbi,
  validatorAbi,
  vaultAbi,
} from "../src/adapters/evm/abi.ts";
import { DirectSender } from "../src/adapters/evm/direct-sender.ts";
import { Rpc } from "../src/adapters/evm/rpc.ts";
import { STAKERS_FEE } from "../src/adapters/evm/standing.ts";
import { jsonServer, postJson } from "../src/adapters/http/json.ts";
import { openKey } from "../src/adapters/local/keystore.ts";
import { runPeer } from "../src/cli/peer.ts";
import { TIMING } from "../src/config/scenario.ts";
import { readWorld, type World } from "../src/config/world.ts";
import { isCarriedByQuorum } from "../src/domain/attestation.ts";
import { MINUTE_MS } from "../src/domain/candle.ts";
import { symbolOf } from "../src/domain/market.ts";
import { parseInput, TickSchema } from "../src/domain/schemas.ts";
import { UsageError } from "../src/errors/errors.ts";

/** Calls that carry a prediction. */
const PUBLICATIONS = ["attest", "attestSealed", "registerPrediction"];
/**
 * What the prediction of a sequence meets:
 * guardian   its attestation waits in the pool; the guardian tightens the notional cap ahead of it, the owner loosens it later
 * congestion blocks are full, so the relayer's transaction comes after the entry has expired
 * feed       the price feed leaves its band for one round
 * tampering  the engine alone is served one altered candle from here on; attesters see the true one and refuse the next prediction
 */
export const SCRIPT: Record<string, "guardian" | "congestion" | "feed" | "tampering"> = {
  "4": "guardian",
  "8": "congestion",
  "12": "feed",
  "15": "tampering",
};

const GWEI = 1_000_000_000n;
/** Above the relayer's and the feed's tips: included first. */
const ACTOR_TIP = 5n * GWEI;
const CONGESTION_TIP = 50n * GWEI;
const CALL_GAS = 300_000n;
/** Leaves room for a price push in a 30 M block, not for an attestation. */
const CONGESTION_GAS = 29_600_000n;
/** Longer than an entry lives, and over before anyone lapses what was not attested. */
const CONGESTED_BLOCKS = 7;
/** INVALID as creation code spends all gas it is given. */
const BURN_ALL_GAS = "0xfe";
const TIGHT_CAP_USD_E6 = 1_000_000n;
const FEED_JUMP_PERCENT = 3n;
const ALTERED_TICKS = 500;
/** Index of MaxNotionalUsdE6 in the contract's LimitField. */
const FIELD_MAX_NOTIONAL = 1;

const ROLES = ["guardian", "deployer", "feeder", "actor", "staker1"] as const;
type Senders = Record<(typeof ROLES)[number], DirectSender>;
type Tx = { input: string; to: string | null };

class Actors {
  readonly #world: World;
  readonly #rpc: Rpc;
  readonly #send: Senders;
  readonly #adminHeaders: Record<string, string>;
  readonly #acted = new Set<string>();
  #later: { atMs: number; run: () => Promise<unknown> }[] = [];
  #congestedUntilMs = 0;
  #ackedMs = 0;
  #snapshotAt = 0n;

  constructor(world: World, rpc: Rpc, send: Senders, adminToken: string) {
    this.#world = world;
    this.#rpc = rpc;
    this.#send = send;
    this.#adminHeaders = { "x-admin-token": adminToken };
  }

  /** Once before each block. Asked again for the same time, does nothing. */
  async tick(nowMs: number): Promise<void> {
    if (nowMs <= this.#ackedMs) return;
    for (const task of this.#later.filter((one) => one.atMs <= nowMs)) await task.run();
    this.#later = this.#later.filter((one) => one.atMs > nowMs);
    if (nowMs <= this.#congestedUntilMs) await this.#fillBlock();
    if (BigInt(Math.floor(nowMs / 1000)) >= this.#snapshotAt) await this.#passFeesOn();
    const waiting = await this.#waitingSequence();
    const act = waiting && SCRIPT[waiting];
    if (act && !this.#acted.has(waiting)) {
      this.#acted.add(waiting);
      await this.#acts[act](nowMs);
    }
    this.#ackedMs = nowMs;
  }

  /** A staker's act, which anyone may do: after the close of an epoch the stakers' part of the fee goes where it flows to them. */
  async #passFeesOn(): Promise<void> {
    const { validator, vault, forwarder } = this.#world.addresses;
    const [snapshotAt] = await this.#rpc.call(validator, validatorAbi, "snapshotAt", []);
    if (snapshotAt === this.#snapshotAt) return;
    this.#snapshotAt = snapshotAt as bigint;
    const [owedE6] = await this.#rpc.call(vault, vaultAbi, "feesOwedE6", [STAKERS_FEE]);
    if (owedE6 === 0n) return;
    const { staker1 } = this.#send;
    const claim = vaultAbi.encodeFunctionData("claimFees", [STAKERS_FEE, owedE6]);
    await staker1.send(vault, claim, CALL_GAS, ACTOR_TIP);
    await staker1.send(forwarder, forwarderAbi.encodeFunctionData("forwardFees", []), CALL_GAS, ACTOR_TIP);
  }

  /** The sequence of the prediction that waits for the validator's word: in the pool, or registered in the newest block. */
  async #waitingSequence(): Promise<string | undefined> {
    const { quorum, validator } = this.#world.addresses;
    const registered = isCarriedByQuorum(this.#world.transport) ? [] : await this.#newestBlock();
    for (const { to, input } of [...(await this.#pool()), ...registered]) {
      const abi =
        to?.toLowerCase() === quorum.toLowerCase()
          ? quorumAbi
          : to?.toLowerCase() === validator.toLowerCase()
            ? validatorAbi
            : undefined;
      const call = abi?.parseTransaction({ data: input });
      if (call && PUBLICATIONS.includes(call.name)) return String(call.args[0].sequence);
    }
    return undefined;
  }

  async #pool(): Promise<Tx[]> {
    const status = await this.#rpc.send<{ pending: string }>("txpool_status", []);
    if (Number(status.pending) === 0) return [];
    const content = await this.#rpc.send<{ pending: Record<string, Record<string, Tx>> }>(
      "txpool_content",
      [],
    );
    return Object.values(content.pending).flatMap((txs) => Object.values(txs));
  }

  async #newestBlock(): Promise<Tx[]> {
    const block = await this.#rpc.send<{ transactions: Tx[] }>("eth_getBlockByNumber", ["latest", true]);
    return block.transactions;
  }

  readonly #acts = {
    guardian: async (nowMs: number): Promise<void> => {
      const { policy } = this.#world.addresses;
      const limits = (await this.#rpc.call(policy, policyAbi, "limits", [this.#world.mandateId]))[0];
      const before = limits.maxNotionalUsdE6 as bigint;
      const call = (who: "guardian" | "deployer", method: string, args: unknown[]) =>
        this.#send[who].send(policy, policyAbi.encodeFunctionData(method, args), CALL_GAS, ACTOR_TIP);
      await call("guardian", "tightenMaxNotionalUsdE6", [this.#world.mandateId, TIGHT_CAP_USD_E6]);
      this.#at(nowMs + TIMING.blockMs, () =>
        call("deployer", "scheduleLimit", [this.#world.mandateId, FIELD_MAX_NOTIONAL, before]),
      );
      this.#at(nowMs + 2 * TIMING.blockMs + TIMING.loosenDelaySeconds * 1000, () =>
        call("deployer", "applyLimit", [this.#world.mandateId, FIELD_MAX_NOTIONAL]),
      );
    },
    congestion: async (nowMs: number): Promise<void> => {
      this.#congestedUntilMs = nowMs + CONGESTED_BLOCKS * TIMING.blockMs;
      await this.#fillBlock();
    },
    feed: async (nowMs: number): Promise<void> => {
      const { feed } = this.#world.addresses;
      const price = (await this.#rpc.call(feed, feedAbi, "latestRoundData", []))[1] as bigint;
      await this.#send.feeder.send(
        feed,
        feedAbi.encodeFunctionData("push", [
          (price * (100n + FEED_JUMP_PERCENT)) / 100n,
          BigInt(Math.floor(nowMs / 1000)),
        ]),
        CALL_GAS,
        ACTOR_TIP,
      );
    },
    tampering: async (nowMs: number): Promise<void> => {
      const cutoffMs = (Math.floor(nowMs / TIMING.slotStepMs) + 1) * TIMING.slotStepMs;
      const symbol = symbolOf(this.#world.market);
      const fault = {
        name: "alteredCandle",
        symbol,
        openTimeMs: cutoffMs - MINUTE_MS,
        closeAddTicks: ALTERED_TICKS,
        userAgent: "saksi-engine",
      };
      const { id } = await postJson<{ id: string | number }>(`${this.#world.venue.url}/admin/faults`, fault, {
        headers: this.#adminHeaders,
      });
      // The truth is served again after the slot, so that the engine can heal once it was refused.
      this.#at(cutoffMs + TIMING.blockMs, () =>
        postJson(`${this.#world.venue.url}/admin/faults/${id}`, undefined, {
          method: "DELETE",
          headers: this.#adminHeaders,
        }),
      );
    },
  };

  #at(atMs: number, run: () => Promise<unknown>): void {
    this.#later.push({ atMs, run });
  }

  #fillBlock(): Promise<string> {
    return this.#send.actor.send(null, BURN_ALL_GAS, CONGESTION_GAS, CONGESTION_TIP);
  }
}

async function main(): Promise<void> {
  await runPeer("actors", async (dir) => {
    const world = readWorld(dir);
    if (!world) throw new UsageError("actors.world", `${dir} holds no world.json`);
    const rpc = new Rpc(world.chain.url, world.chain.chainId);
    const sender = async (name: string): Promise<DirectSender> =>
      new DirectSender(rpc, await openKey(join(dir, "keys"), name), world.chain.chainId, 5n);
    const senders = Object.fromEntries(
      await Promise.all(ROLES.map(async (role) => [role, await sender(role)] as const)),
    ) as Senders;
    const { adminToken } = JSON.parse(readFileSync(join(dir, "admin.json"), "utf8")) as {
      adminToken: string;
    };
    const actors = new Actors(world, rpc, senders, adminToken);
    const server = jsonServer({
      "POST /tick": async ({ body }) => {
        await actors.tick(parseInput(TickSchema, body, "tick").nowMs);
        return { nextMs: null };
      },
    });
    return { server, close: async () => rpc.close() };
  });
}

if (process.argv[1]?.endsWith("actors.ts")) await main();
