import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import type { TripFill } from "../../src/domain/records.ts";
import { fillRows, fillsRoot } from "../../src/domain/settlement.ts";
import { GAS_TARGETS } from "./support/gas-targets.ts";
import {
  createWorld,
  E6,
  E8,
  type Fills,
  type Live,
  PRICE,
  PRIVATE_MODEL,
  type World,
  wallet,
} from "./support/world.ts";

const SNAPSHOT = new URL("./gas-snapshot.json", import.meta.url);
const UPDATE = process.env.UPDATE_GAS === "1";
/** Where a caller wants the figures of this run, as JSON. */
const REPORT = process.env.GAS_REPORT;

const provableFills = (at: bigint): TripFill[] =>
  Array.from({ length: 32 }, (_, i) => ({
    fillId: String(7_000_000_000 + i),
    orderId: String(8_000_000_000 + (i < 16 ? 0 : 1)),
    leg: i < 16 ? "entry" : "exit",
    timeMs: Number(at) * 1000 + i,
    priceE8: PRICE + BigInt(i),
    qtyE8: E8 / 160n,
    quoteE8: (PRICE + BigInt(i)) / 160n,
    feeE8: 123_456n,
  }));

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
    // both ways asked for, a loss for the bond, a breaker and deposits without a price: the most that can meet in a close
    measured["close epoch, at most"] = closed.gas;
    measured["claim a redemption"] = (await world.outcome(leaving.claimRedeem())).gas;
    await world.policy.resetBreaker();
    const last = await world.trip();
    await world.until((await validator.snapshotAt()) + 150n);
    await validator.finalize(last.id);
    const equityE8 = 50_100n * E8 + last.pnlE8;
    measured["close epoch"] = (await world.closeEpoch({ equityE8 })).gas;
    await entering.cancelDepositRequest();
    await entering.requestDepositUsdE6(1_000n * E6);
    await world.until((await validator.snapshotAt()) + 10n);
    await world.closeEpoch({ equityE8 });
    measured["claim shares"] = (await world.outcome(entering.claimShares())).gas;
  });

  it("measures sealed predictions, disputes and bonds", async () => {
    const w = await createWorld();
    await w.registry.proposeModel(PRIVATE_MODEL, w.publisher.address, true);
    await w.registry.activateModel(PRIVATE_MODEL);
    await w.fund();
    for (const who of [w.second, w.depositor]) await w.usd.connect(who).approve(w.court.target, 10n ** 15n);
    const members = ["r1", "r2", "r3"].map(wallet);
    const sorted = members.map((m) => m.address).sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
    const reviewer = (await w.ethers.deployContract("QuorumAttester", [
      w.owner.address,
      w.guardian.address,
      w.court.target,
      sorted,
      2,
      300,
    ])) as unknown as Live;
    await w.court.scheduleReviewer(reviewer.target);
    await w.court.applyReviewer();
    const cost = async (sent: Parameters<typeof w.outcome>[0]) => (await w.outcome(sent)).gas;

    // the first trip pays for first uses
    const r = w.reveal();
    for (const name of [undefined, ""]) {
      await w.push(PRICE);
      const p = await w.predict({ modelId: PRIVATE_MODEL }, r);
      const approved = await w.attestSealed(p);
      const f = await w.fillsOf(p, r);
      await w.until(f.exitLastAt + 2n);
      const settled = await w.settle(p, r, f);
      if (name !== undefined) {
        measured["approve, sealed"] = approved.gas;
        measured["settle, sealed"] = settled.gas;
      }
    }
    await w.push(PRICE);
    const q = await w.predict({ modelId: PRIVATE_MODEL }, r);
    measured["register, sealed"] = await cost(w.validator.registerSealed(q, await w.sign(q)));
    await w.until(q.entryExpiresAt + 1n);
    await w.validator.lapse(q, await w.sign(q));

    const dispute = async (over: Partial<Fills> = {}) => {
      await w.push(PRICE);
      const t = await w.trip(over);
      const opened = await cost(w.court.connect(w.second).challenge(t.id));
      const defended = await cost(w.court.connect(w.depositor).defend(t.id));
      return { ...t, opened, defended };
    };
    const rows = provableFills(await w.now());
    const first = await dispute({ fillsRoot: fillsRoot(rows) });
    measured["dispute, prove 32 fills"] = await cost(
      w.court.proveFills(first.p, first.r, w.settlement(first.p, first.f), fillRows(rows)),
    );
    const second = await dispute();
    measured["dispute, open"] = second.opened;
    measured["dispute, defend"] = second.defended;
    const payload = w.settlement(second.p, { ...second.f, feeE8: 1n });
    const domain = { ...w.quorumDomain, verifyingContract: reviewer.target };
    const by = members.slice(0, 2);
    const signatures = await w.signaturesOf("SettlementAttestation", payload, by, { domain, epoch: 1n });
    measured["dispute, resolve by the other class"] = await cost(
      reviewer.settle(second.p, second.r, payload, 0, 0, signatures),
    );
    measured["dispute, pay the bonds"] = await cost(w.court.payBonds(second.id));
    const third = await dispute();
    await w.after(600n);
    measured["dispute, resolve by the owner"] = await cost(w.court.rule(third.id, 2, 5));
    const fourth = await dispute();
    await w.after(1_800n);
    measured["dispute, resolve by default"] = await cost(w.court.close(fourth.id));

    await w.usd.connect(w.second).approve(w.bonds.target, 10n ** 15n);
    await w.bonds.connect(w.second).postBond(w.attesters[0]!.address, 1_000n * E6);
    const p = await w.predict();
    const [yes, no] = [w.attestation(p), w.attestation(p, { verdict: 2n })];
    const sign = (statement: string) => w.signaturesOf("Attestation", statement, [w.attesters[0]!]);
    measured["prove an equivocation"] = await cost(
      w.bonds.proveEquivocation(yes, 1, await sign(yes), no, 1, await sign(no)),
    );
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
