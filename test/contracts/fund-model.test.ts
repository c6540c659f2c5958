import { expect } from "chai";
import fc from "fast-check";
import { FundChain } from "./model/fund-chain.ts";
import { FundHistory } from "./model/fund-history.ts";
import { FLOW_KINDS, KINDS, type Kind, stepOf, type Tally } from "./model/fund-steps.ts";
import { createWorld } from "./support/world.ts";

/** Histories of each kind; the campaign (`npm run model:fund`) asks for more. */
const HISTORIES = Number(process.env.MODEL_HISTORIES ?? 150);
const SEED = Number(process.env.MODEL_SEED ?? 7);
/** Of a counterexample, as it is printed: repeats that history alone. */
const PATH = process.env.MODEL_PATH;
/** "any" or "flat": one of the two kinds of histories alone. */
const ONLY = process.env.MODEL_ONLY;
/** In so many histories every kind of step has been taken. */
const ENOUGH = 150;
const MIN_STEPS = 10;
const MAX_STEPS = 40;
const REPORT_EVERY = 500;
const MINUTE_MS = 60_000;
/** Every run begins in the same second, so that a history can be repeated. */
const STARTS_AT = new Date("2026-01-01T00:00:00Z");
const FLAT_PART = 4;

describe("The fund and its model", function () {
  this.timeout(Math.max(3 * MINUTE_MS, HISTORIES * 10_000));
  let chain: FundChain;
  before(async () => {
    const w = await createWorld({
      startsAt: STARTS_AT,
      // one signature for each statement: who may sign is not what is compared here
      attesters: ["a1"],
      params: { threshold: 1 },
      limits: {
        minBondBps: 0,
        maxDrawdownBps: 10_000,
        ratePerDayCount: 1_000,
        ratePerDayNotionalUsdE6: 10n ** 15n,
        lossBudgetUsdE6: 10n ** 12n,
        maxOpen: 8,
      },
    });
    chain = await FundChain.open(w);
  });

  const histories = async (name: string, runs: number, kinds: readonly Kind[], flat: boolean) => {
    const tally: Tally = {};
    const startedMs = performance.now();
    let done = 0;
    const lives = fc.asyncProperty(
      fc.array(stepOf(kinds), { minLength: MIN_STEPS, maxLength: MAX_STEPS, size: "max" }),
      async (steps) => {
        await FundHistory.live(chain, steps, tally, flat);
        done += 1;
        if (done % REPORT_EVERY === 0)
          console.log(
            `      ${name}: ${done} of ${runs}, ${Math.round((performance.now() - startedMs) / 1_000)} s`,
          );
      },
    );
    const once = PATH === undefined ? { numRuns: runs } : { numRuns: 1, path: PATH, endOnFailure: true };
    const found = await fc.check(lives, { ...once, seed: SEED });
    if (HISTORIES > ENOUGH) console.log(`      seed ${SEED}, steps taken: ${JSON.stringify(tally)}`);
    if (found.failed) {
      const again = `npm run model:fund -- --seed ${found.seed} --path ${found.counterexamplePath} --only ${name}`;
      const steps = found.counterexample![0].map((step) => `  ${JSON.stringify(step)}`).join("\n");
      const { message } = found.errorInstance as Error;
      throw new Error(`${message}\nShortest history:\n${steps}\nAgain: ${again}`, {
        cause: found.errorInstance,
      });
    }
    return tally;
  };
  if (ONLY !== "flat")
    it("agree to the unit in every figure, through any history", async () => {
      const tally = await histories("any", HISTORIES, KINDS, false);
      if (HISTORIES >= ENOUGH && PATH === undefined)
        for (const kind of KINDS) expect(tally[kind], kind).to.be.greaterThan(0);
    });

  if (ONLY !== "any")
    it("let nobody gain by coming and going while there is no profit", async () => {
      await histories("flat", Math.ceil(HISTORIES / FLAT_PART), FLOW_KINDS, true);
    });
});
