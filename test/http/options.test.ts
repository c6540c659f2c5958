import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { parseUp, UP_HELP, type UpOptions } from "../../src/cli/options.ts";
import { UsageError } from "../../src/errors/errors.ts";

const dir = mkdtempSync(join(tmpdir(), "saksi-options-"));
const file = join(dir, "btc.csv");
writeFileSync(file, "");
after(() => rmSync(dir, { recursive: true }));

const parsed = (...args: string[]): UpOptions => {
  const options = parseUp(args);
  assert.notEqual(options, "help");
  return options as UpOptions;
};

test("without options the world is the documented one", () => {
  assert.deepEqual(parsed(), {
    predictions: undefined,
    seed: 1,
    data: [],
    store: undefined,
    report: undefined,
    port: 8420,
    oracle: "sealed",
    market: "weex:BTCUSDT",
    model: "lstm-small",
    fearGreed: undefined,
    headlines: undefined,
    quiet: false,
    mode: "simulated",
    speed: undefined,
    weexUrl: undefined,
  });
});

test("every option is taken, and paths become absolute", () => {
  const options = parsed(
    "--predictions",
    "20",
    "--seed=0",
    "--data",
    file,
    "--data",
    `ETHUSDT=${file}`,
    "--store",
    "run",
    "--report",
    "r.json",
    "--port",
    "0",
    "--oracle",
    "gelato",
    "--market",
    "weex:ETHUSDT",
    "--model",
    "logistic",
    "--fear-greed",
    "index.csv",
    "--headlines",
    "scores.csv",
    "--speed",
    "0.5",
    "--quiet",
  );
  assert.deepEqual(options, {
    predictions: 20,
    seed: 0,
    data: [file, `ETHUSDT=${file}`],
    store: resolve("run"),
    report: resolve("r.json"),
    port: 0,
    oracle: "gelato",
    market: "weex:ETHUSDT",
    model: "logistic",
    fearGreed: resolve("index.csv"),
    headlines: resolve("scores.csv"),
    quiet: true,
    mode: "simulated",
    speed: 0.5,
    weexUrl: undefined,
  });
});

test("the help names every option there is", () => {
  assert.equal(parseUp(["--help"]), "help");
  const { mode: _, ...options } = parsed();
  for (const name of [...Object.keys(options), "live", "trade", "confirmRealOrders"])
    assert.ok(UP_HELP.includes(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`), name);
});

test("a world on a real market is asked for by name, and real orders by the market's name as well", () => {
  const kind = (...args: string[]) => {
    const { mode, weexUrl, seed } = parsed(...args);
    return { mode, weexUrl, seed };
  };
  assert.deepEqual(kind("--live"), { mode: "live", weexUrl: undefined, seed: 1 });
  assert.deepEqual(kind("--live", "--weex-url", "http://127.0.0.1:81/"), {
    mode: "live",
    weexUrl: "http://127.0.0.1:81",
    seed: 1,
  });
  assert.equal(
    kind("--trade", "--market", "weex:ETHUSDT", "--confirm-real-orders", "weex:ETHUSDT").mode,
    "trade",
  );
  for (const confirmation of [
    [],
    ["--confirm-real-orders", "yes"],
    ["--confirm-real-orders", "weex:ETHUSDT"],
  ])
    assert.throws(
      () => parseUp(["--trade", ...confirmation]),
      /real orders for real money; if you mean it, add --confirm-real-orders weex:BTCUSDT$/,
    );
});

test("everything wrong is said in one sentence that names it", () => {
  const cases: [string[], RegExp][] = [
    [["--predictions", "0"], /--predictions takes a whole number from 1 to 100000, not "0"/],
    [["--predictions", "1e3"], /--predictions .* not "1e3"/],
    [["--predictions", "100001"], /--predictions .* not "100001"/],
    [["--predictions="], /--predictions .* not ""/],
    [["--predictions"], /--predictions/],
    [["--seed", "1.5"], /--seed .* not "1.5"/],
    [["--seed=-1"], /--seed .* not "-1"/],
    [["--seed", "-1"], /--seed/],
    [["--seed", "4294967296"], /--seed .* not "4294967296"/],
    [["--port", "65536"], /--port takes a whole number from 0 to 65535, not "65536"/],
    [["--port", "http"], /--port .* not "http"/],
    [["--oracle", "pyth"], /--oracle is sealed, quorum, functions or gelato, not "pyth"/],
    [["--market", "BTCUSDT"], /--market "BTCUSDT" is not a market; write it like weex:BTCUSDT/],
    [["--market", "weex:BTCUSD"], /--market "weex:BTCUSD"/],
    [["--data", join(dir, "none.csv")], /--data: there is no file .*none\.csv/],
    [["--data", dir], /--data: there is no file/],
    [["--data", "ETHUSDT="], /--data: there is no file/],
    [["--store="], /--store is given without a value/],
    [["--report="], /--report is given without a value/],
    [["--model="], /--model is given without a value/],
    [["--fear-greed="], /--fear-greed is given without a value/],
    [["--headlines", "https://example.org"], /--headlines takes a CSV file/],
    [["--quiet=yes"], /--quiet/],
    [["--live", "--trade"], /--live and --trade exclude each other/],
    [["--live", "--seed", "1"], /--seed does not go with --live: a real market has no seed/],
    [["--live", "--data", file], /--data does not go with --live: a real market is not replayed/],
    [["--live", "--speed", "1"], /--speed does not go with --live: a real market runs in real time/],
    [["--trade", "--seed", "1"], /--seed does not go with --trade/],
    [["--live", "--oracle", "gelato"], /--oracle gelato does not go with --live/],
    [["--trade", "--oracle", "functions"], /--oracle functions does not go with --trade/],
    [["--confirm-real-orders", "weex:BTCUSDT"], /--confirm-real-orders goes with --trade only/],
    [["--live", "--confirm-real-orders", "weex:BTCUSDT"], /--confirm-real-orders goes with --trade only/],
    [["--confirm-real-orders="], /--confirm-real-orders goes with --trade only/],
    [["--weex-url", "https://example.org"], /--weex-url goes with --live or --trade only/],
    [["--live", "--weex-url", "http://example.org"], /--weex-url takes an https address/],
    [["--live", "--weex-url", "https://user:pass@example.org"], /--weex-url takes .* without a user name/],
    [["--live", "--weex-url", "weex"], /--weex-url takes an https address/],
    [["--live", "--weex-url="], /--weex-url takes an https address/],
    [["--speed", "0"], /--speed takes a number above 0 and at most 100000, not "0"/],
    [["--speed", "fast"], /--speed .* not "fast"/],
    [["--speed", "100001"], /--speed .* not "100001"/],
    [["--speed", "1e3"], /--speed .* not "1e3"/],
    [["--speed=-1"], /--speed .* not "-1"/],
    [["--speed="], /--speed .* not ""/],
    [["--sed", "1"], /--sed.*saksi up --help lists the options/],
    [["-x"], /-x/],
    [["now"], /now/],
  ];
  for (const [args, expected] of cases)
    assert.throws(
      () => parseUp(args),
      (error: unknown) => {
        assert.ok(error instanceof UsageError, `${args}: ${error}`);
        assert.match(error.message, expected);
        assert.ok(!error.message.includes("\n"), `one line: ${error.message}`);
        return true;
      },
    );
});
