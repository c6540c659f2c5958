import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { createWorld, E8, PRICE, type World } from "./support/world.ts";

const SNAPSHOT = new URL("./gas-snapshot.json", import.meta.url);
const UPDATE = process.env.UPDATE_GAS === "1";
/** What each transaction may cost at most, whatever the snapshot says. */
const TARGETS: Record<string, bigint> = {
  "approve, first": 210_000n,
  "approve, warm": 190_000n,
  "reject, all reasons": 175_000n,
  "settle, both legs, first": 190_000n,
  "settle, both legs": 190_000n,
  "finalize, one": 65_000n,
  "finalize, each of five": 26_000n,
  lapse: 90_000n,
  expire: 90_000n,
  cancel: 115_000n,
  "close epoch": 250_000n,
  "register for another transport": 105_000n,
  "functions callback": 150_000n,
};

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
    measured["functions callback"] = answered.gas;
    await world.until(q.settleBy + 100n);
    await validator.expire(world.digest(q));

    const l = await world.predict();
    await world.until(l.entryExpiresAt + 1n);
    measured.lapse = (await world.outcome(validator.lapse(l, await world.sign(l)))).gas;

    await world.until((await validator.snapshotAt()) + 10n);
    await validator.finalize(world.digest(q));
    const closed = await world.closeEpoch({ equityE8: 50_100n * E8 });
    measured["close epoch"] = closed.gas;
  });

  it("stays under every target", () => {
    for (const [name, limit] of Object.entries(TARGETS)) {
      expect(measured[name], name).to.be.a("bigint");
      expect(measured[name]! <= limit, `${name}: ${measured[name]} > ${limit}`).to.equal(true);
    }
  });

  it("does not grow by more than 3 % over the snapshot", () => {
    const rows = Object.entries(measured).map(
      ([name, gas]) => `${name.padEnd(34)}${String(gas).padStart(9)}`,
    );
    console.log(`\n      ${rows.join("\n      ")}\n`);
    if (UPDATE || !existsSync(SNAPSHOT)) {
      const plain = Object.fromEntries(Object.entries(measured).map(([name, gas]) => [name, Number(gas)]));
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
