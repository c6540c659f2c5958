import { expect } from "chai";
import fc from "fast-check";
import { FLOW_KINDS, KINDS, liveThrough, stepOf, type Tally } from "./model/fund-history.ts";
import { createWorld, type World } from "./support/world.ts";

/** Histories of each kind; the campaign (`npm run model:fund`) asks for more. */
const HISTORIES = Number(process.env.MODEL_HISTORIES ?? 60);
const SEED = Number(process.env.MODEL_SEED ?? 7);
/** In so many histories every kind of step has been taken. */
const ENOUGH = 60;
const MIN_STEPS = 10;
const MAX_STEPS = 40;
const REPORT_EVERY = 100;
const MINUTE_MS = 60_000;

describe("The fund and its model", function () {
  this.timeout(Math.max(3 * MINUTE_MS, HISTORIES * 10_000));
  let w: World;
  before(async () => {
    w = await createWorld({
      limits: {
        minBondBps: 0,
        maxDrawdownBps: 10_000,
        ratePerDayCount: 1_000,
        ratePerDayNotionalUsdE6: 10n ** 15n,
        lossBudgetUsdE6: 10n ** 12n,
        maxOpen: 8,
      },
    });
    await w.keep();
  });

  const histories = async (runs: number, kinds?: typeof FLOW_KINDS) => {
    const tally: Tally = {};
    const startedMs = performance.now();
    let done = 0;
    const lives = fc.asyncProperty(
      fc.array(stepOf(kinds), { minLength: MIN_STEPS, maxLength: MAX_STEPS, size: "max" }),
      async (steps) => {
        await w.back();
        await liveThrough(w, steps, tally, kinds !== undefined);
        done += 1;
        if (done % REPORT_EVERY === 0)
          console.log(`      ${done} of ${runs}, ${Math.round(performance.now() - startedMs)} ms`);
      },
    );
    await fc.assert(lives, { numRuns: runs, seed: SEED });
    return tally;
  };

  it("agree to the unit in every figure, through any history", async () => {
    const tally = await histories(HISTORIES);
    if (HISTORIES > ENOUGH) console.log(`      steps taken: ${JSON.stringify(tally)}`);
    if (HISTORIES >= ENOUGH) for (const kind of KINDS) expect(tally[kind], kind).to.be.greaterThan(0);
  });

  it("let nobody gain by coming and going while there is no profit", async () => {
    await histories(Math.ceil(HISTORIES / 4), FLOW_KINDS);
  });
});
