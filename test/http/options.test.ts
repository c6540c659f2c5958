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
    oracle: "quorum",
    market: "weex:BTCUSDT",
    model: "lstm-small",
    quiet: false,
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
    quiet: true,
  });
});

test("the help names every option there is", () => {
  assert.equal(parseUp(["--help"]), "help");
  for (const name of Object.keys(parsed())) assert.ok(UP_HELP.includes(`--${name}`), name);
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
    [["--oracle", "pyth"], /--oracle is quorum, functions or gelato, not "pyth"/],
    [["--market", "BTCUSDT"], /--market "BTCUSDT" is not a market; write it like weex:BTCUSDT/],
    [["--market", "weex:BTCUSD"], /--market "weex:BTCUSD"/],
    [["--data", join(dir, "none.csv")], /--data: there is no file .*none\.csv/],
    [["--data", dir], /--data: there is no file/],
    [["--data", "ETHUSDT="], /--data: there is no file/],
    [["--store="], /--store is given without a value/],
    [["--report="], /--report is given without a value/],
    [["--model="], /--model is given without a value/],
    [["--quiet=yes"], /--quiet/],
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
