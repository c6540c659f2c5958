import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { campaign, type Plan } from "../../scripts/mutation/campaign.ts";
import { Compiler } from "../../scripts/mutation/compiler.ts";
import { type Mutant, mutantsOf } from "../../scripts/mutation/mutants.ts";
import { OPERATORS } from "../../scripts/mutation/operators.ts";
import type { Result } from "../../scripts/mutation/report.ts";
import { drawOrder } from "../../scripts/mutation/sample.ts";

const FILE = "contracts/core/Sample.sol";
const SAMPLE = `// SPDX-License-Identifier: MIT
// naïve “quotes”
pragma solidity 0.8.37;

contract Sample {
    error TooMuch(uint256 asked, uint256 allowed);

    uint8 private constant WIDEST = 255;
    uint256 private constant UNUSED = 7;
    uint256 public total;
    bool public open = true;

    modifier whenOpen() {
        if (!open) revert();
        _;
    }

    function add(uint256 amount) external whenOpen {
        if (amount > 10 && amount != 77) revert TooMuch(amount, total);
        uint256 after_ = total + amount;
        total = after_;
    }

    function close() external {
        open = false;
    }

    function halves(uint256 n) external pure returns (uint256 sum) {
        for (uint256 i = 0; i < n; ++i) {
            sum += i % 2 == 0 ? i >> 1 : WIDEST;
        }
        return sum;
    }
}
`;
const TESTS = `import assert from "node:assert/strict";
import { network } from "hardhat";

describe("the sample", () => {
  let sample: any;
  before(async () => {
    const { ethers } = await network.create();
    sample = await ethers.deployContract("Sample");
  });
  it("adds up to ten at a time", async () => {
    await sample.add(10n);
    assert.equal(await sample.total(), 10n);
    await assert.rejects(sample.add(12n));
  });
  it("sums halves", async () => {
    assert.equal(await sample.halves(4n), 511n);
  });
  it("adds nothing once closed", async () => {
    await sample.close();
    await assert.rejects(sample.add(1n));
  });
});
`;
const CONFIG = `import hardhatToolboxMochaEthers from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { defineConfig } from "hardhat/config";

export default defineConfig({
  plugins: [hardhatToolboxMochaEthers],
  networks: { default: { type: "edr-simulated", hardfork: "cancun" } },
});
`;

describe("a mutation campaign", () => {
  const root = mkdtempSync(join(tmpdir(), "saksi-mutation-sample-"));
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  let all: Mutant[];
  before(() => {
    put(FILE, SAMPLE);
    put("test/contracts/sample.test.ts", TESTS);
    put("hardhat.config.ts", CONFIG);
    put("package.json", `{ "type": "module" }`);
    symlinkSync(join(import.meta.dirname, "../../node_modules"), join(root, "node_modules"));
    all = mutantsOf(FILE, SAMPLE, new Compiler(root).trees.get(FILE)!);
  });
  after(() => rmSync(root, { recursive: true }));

  it("makes each operator's changes", () => {
    const has = (line: number, operator: string, from: string, to: string): void => {
      const found = all.some(
        (m) => m.line === line && m.operator === operator && m.from === from && m.to === to,
      );
      assert.ok(found, `${line} ${operator}: ${from} → ${to}`);
    };
    has(19, "boundary", ">", ">=");
    has(19, "relational", ">", "<=");
    has(19, "relational", "!=", "==");
    has(19, "logical", "&&", "||");
    has(19, "guard", "if (amount > 10 && amount != 77) revert TooMuch(amount, total);", "{}");
    has(19, "swap", "amount, total", "total, amount");
    has(19, "constant", "10", "11");
    has(19, "constant", "10", "9");
    has(19, "constant", "10", "0");
    has(14, "not", "!open", "open");
    has(18, "modifier", "whenOpen", "");
    has(20, "arithmetic", "+", "-");
    has(21, "statement", "total = after_;", "{}");
    has(11, "boolean", "true", "false");
    has(29, "assignment", "++i", "--i");
    has(30, "assignment", "+=", "-=");
    has(30, "assignment", "+=", "=");
    has(30, "ternary", "i % 2 == 0 ? i >> 1 : WIDEST", "(WIDEST)");
    has(30, "bitwise", ">>", "<<");
    has(32, "return", "sum", "0");
    assert.deepEqual(new Set(all.map(({ operator }) => operator)), new Set(OPERATORS));
  });

  it("changes one place only, and the rest of the file stays", () => {
    for (const { source, edit } of all) {
      const bytes = Buffer.from(source);
      const after = bytes.length - (Buffer.byteLength(SAMPLE) - edit.end);
      assert.equal(
        bytes.subarray(0, edit.start).toString(),
        Buffer.from(SAMPLE).subarray(0, edit.start).toString(),
      );
      assert.equal(bytes.subarray(after).toString(), Buffer.from(SAMPLE).subarray(edit.end).toString());
    }
  });

  it("draws by its seed, one of each operator before a second", () => {
    const operators = new Set(all.map(({ operator }) => operator)).size;
    const first = drawOrder(all, "a");
    assert.equal(new Set(first.slice(0, operators).map(({ operator }) => operator)).size, operators);
    assert.deepEqual(drawOrder(all, "a"), first);
    assert.notDeepEqual(drawOrder(all, "b"), first);
    assert.equal(first.length, all.length);
  });

  it("tells what the tests notice from what they do not, and from what is no change", async () => {
    const plan: Plan = {
      root,
      stateDir: join(root, "state"),
      perFile: 1000,
      max: 1000,
      seed: "a",
      only: "",
      operator: undefined,
      resume: false,
      again: false,
      say: () => {},
    };
    const results = await campaign(plan);
    const statusOf = (line: number, from: string, to: string): string | undefined =>
      results.find((r: Result) => r.line === line && r.from === from && r.to === to)?.status;
    assert.equal(statusOf(19, ">", "<="), "killed");
    assert.equal(statusOf(19, "10", "11"), "survived", "nobody adds eleven");
    assert.equal(statusOf(18, "whenOpen", ""), "killed");
    assert.equal(statusOf(9, "7", "8"), "same code");
    assert.equal(statusOf(8, "255", "256"), "refused");
    assert.equal(results.length, all.length);

    const said: string[] = [];
    const resumed = await campaign({ ...plan, resume: true, say: (text) => said.push(text) });
    assert.deepEqual(resumed, results);
    assert.equal(said[0], `${all.length} mutants, ${all.length} known from before`);
  });
});
