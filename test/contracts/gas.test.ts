import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { GAS_TARGETS } from "./support/gas-targets.ts";
import { createWorld, E6, E8, PRICE, type World } from "./support/world.ts";

const SNAPSHOT = new URL("./gas-snapshot.json", import.meta.url);
const UPDATE = process.env.UPDATE_GAS === "1";
/** Where a caller wants the figures of this run, as JSON. */
const REPORT = process.env.GAS_REPORT;

describe("Gas", () => {
  let world: World;
  const measured: Record<string, bigint> = {};

  before(async () => {
    world = await createWorld({
      limits: { maxOpen: 8, ratePerDayCount: 1000, minLevel: 1, requiredFlags: 0x1b },
    });
    await world.fund();
    await world.push(PRICE);
  });

  /** Gas a transaction spent inside its calls to one contract, before refunds: what a callback's own cap must cover. */
  const gasInside = async (transaction: string, contract: string): Promise<bigint> => {
    const { structLogs } = (await world.connection.provider.request({
      method: "debug_traceTransaction",
      params: [transaction, { disableMemory: true, disableStorage: true }],
    })) as { structLogs: { op: string; depth: number; gas: number; gasCost: number; stack: string[] }[] };
    const call = structLogs.findIndex(
      ({ op, stack }) => op === "CALL" && BigInt(`0x${stack.at(-2)!.replace("0x", "")}`) === BigInt(contract),
    );
    const inside = structLogs.slice(call + 1);
    const end = inside.findIndex(({ depth }) => depth <= structLogs[call]!.depth);
    const last = inside[end - 1]!;
    return BigInt(inside[0]!.gas - last.gas + last.gasCost);
  };

  it("measures every gesture", async () => {
    const { validator } = world;
    const settleOne = async (name?: string) => {
      const trip = await world.trip();
      if (name !== undefined) measured[`settle, both legs${name}`] = trip.result.gas;
      return trip.id;
    };
    const first = await world.approve();
    measured["approve, first"] = first.result.gas;
    await world.until(first.p.entryExpiresAt + 1n);
    const cancelled = await world.cancel(first.p, await world.nothing(first.p));
    measured.cancel = cancelled.gas;
    const ids = [await settleOne(", first"), await settleOne("")];
    while (ids.length < 6) ids.push(await settleOne());
    await world.push(PRICE);
    const warm = await world.approve();
    measured["approve, warm"] = warm.result.gas;
    await world.after(200n);
    measured["finalize, one"] = (await world.outcome(validator.finalize(ids[0]!))).gas;
    const many = await world.outcome(validator.finalizeMany(ids.slice(1)));
    measured["finalize, each of five"] = many.gas / 5n;

    await world.until(warm.p.settleBy + 100n);
    measured.expire = (await world.outcome(validator.expire(warm.id))).gas;
    await world.after(200n);
    await validator.finalize(warm.id);

    // stale, off the feed, over every cap, refused
    const r = world.reveal({ side: 2, qtyE8: 100n * E8 });
    const p = await world.predict(
      {
        settleBy: (await world.now()) + 10n ** 6n,
        confidencePpm: 1n,
        maxLossUsdE6: 10n ** 12n,
        maxNotionalUsdE6: 10n ** 14n,
        maxLeverageBps: 10n ** 6n,
        referencePriceE8: 2n * PRICE,
        horizonAt: 5n,
      },
      r,
    );
    const rejected = await world.attest(p, r, {
      payload: world.attestation(p, { verdict: 2n, reason: 9n, flags: 0n }),
    });
    measured["reject, all reasons"] = rejected.gas;

    await world.push(PRICE);
    const q = await world.predict();
    measured["register for another transport"] = (
      await world.outcome(validator.registerPrediction(q, await world.sign(q), world.reveal()))
    ).gas;
    await world.functions.connect(world.executor).requestAttestation(world.digest(q), "return 1", []);
    const requested = await world.functions.queryFilter(world.functions.filters.RequestSent());
    const requestId = requested[0]!.args.requestId;
    const answered = await world.outcome(world.router.fulfil(requestId, world.attestation(q), "0x"));
    expect(answered.find("PredictionApproved"), "approved by callback").to.not.equal(undefined);
    measured["functions callback"] = await gasInside(answered.receipt.hash, world.functions.target);
    measured["functions callback, transaction"] = answered.gas;
    await world.until(q.settleBy + 100n);
    await validator.expire(world.digest(q));

    const l = await world.predict();
    await world.until(l.entryExpiresAt + 1n);
    measured.lapse = (await world.outcome(validator.lapse(l, await world.sign(l)))).gas;

    const entering = world.vault.connect(world.second);
    const leaving = world.vault.connect(world.depositor);
    measured["request a deposit, first of an epoch"] = (
      await world.outcome(entering.requestDepositUsdE6(1_000n * E6))
    ).gas;
    measured["request a deposit"] = (await world.outcome(leaving.requestDepositUsdE6(1_000n * E6))).gas;
    const shares = (await world.vault.balanceOf(world.depositor.address)) / 4n;
    measured["request a redemption, first of an epoch"] = (
      await world.outcome(leaving.requestRedeemShares(shares))
    ).gas;
    await leaving.transfer(world.gelato.address, shares);
    measured["request a redemption"] = (
      await world.outcome(world.vault.connect(world.gelato).requestRedeemShares(shares))
    ).gas;
    await world.until((await validator.snapshotAt()) + 10n);
    await validator.finalize(world.digest(q));
    const closed = await world.closeEpoch({ equityE8: 50_100n * E8 });
    // both ways asked for, a loss for the bond and a breaker: the most that can meet in one close
    measured["close epoch, at most"] = closed.gas;
    measured["claim shares"] = (await world.outcome(entering.claimShares())).gas;
    measured["claim a redemption"] = (await world.outcome(leaving.claimRedeem())).gas;
    await world.policy.resetBreaker();
    const last = await world.trip();
    await world.until((await validator.snapshotAt()) + 150n);
    await validator.finalize(last.id);
    measured["close epoch"] = (await world.closeEpoch({ equityE8: 50_100n * E8 + last.pnlE8 })).gas;
  });

  it("stays under every target, or under the limit that stands in for it", () => {
    for (const [name, { target, limit = target }] of Object.entries(GAS_TARGETS)) {
      expect(measured[name], name).to.be.a("bigint");
      expect(Number(measured[name]) <= limit, `${name}: ${measured[name]} > ${limit}`).to.equal(true);
    }
  });

  it("does not grow by more than 3 % over the snapshot", () => {
    const rows = Object.entries(measured).map(
      ([name, gas]) => `${name.padEnd(34)}${String(gas).padStart(9)}`,
    );
    console.log(`\n      ${rows.join("\n      ")}\n`);
    const plain = Object.fromEntries(Object.entries(measured).map(([name, gas]) => [name, Number(gas)]));
    if (REPORT) writeFileSync(REPORT, `${JSON.stringify(plain, null, 2)}\n`);
    if (UPDATE || !existsSync(SNAPSHOT)) {
      writeFileSync(SNAPSHOT, `${JSON.stringify(plain, null, 2)}\n`);
      return;
    }
    const snapshot = JSON.parse(readFileSync(SNAPSHOT, "utf8")) as Record<string, number>;
    for (const [name, gas] of Object.entries(measured)) {
      const before = snapshot[name];
      expect(before, `${name} is not in the snapshot; run with UPDATE_GAS=1`).to.be.a("number");
      expect(Number(gas) <= before! * 1.03, `${name}: ${before} -> ${gas}`).to.equal(true);
    }
  });
});
