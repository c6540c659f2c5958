import assert from "node:assert/strict";
import { addStatementCoverageInstrumentation } from "@nomicfoundation/edr";
import solc from "solc";
import { type AstNode, branchesOf } from "../../scripts/coverage-branches.ts";

const NAME = "project/contracts/A.sol";
// The first comment has letters of more than one byte: the compiler counts bytes, the instrumentation characters.
const SOURCE = `// SPDX-License-Identifier: MIT
// naïve “quotes”
pragma solidity 0.8.37;

contract A {
    uint256 public x;

    function guarded(uint256 y) external {
        // why
        if (y > 3) revert();
        x = y;
    }

    function counted(uint256 y) external {
        if (y == 1) {
            x = 1;
        }
        x = y > 2 ? 3 : 4;
    }

    function chosen(bool up) external {
        if (up) x = 7;
        else x = 8;
    }
}
`;

/** In how many calls each statement ran, by a piece of its text. */
function arms(ran: Record<string, number>) {
  const input = {
    language: "Solidity",
    sources: { [NAME]: { content: SOURCE } },
    settings: { stopAfter: "parsing", outputSelection: { "*": { "": ["ast"] } } },
  };
  const { sources } = JSON.parse(solc.compile(JSON.stringify(input))) as {
    sources: Record<string, { ast: AstNode }>;
  };
  const calls = new Map<string, number>();
  const { metadata } = addStatementCoverageInstrumentation(SOURCE, NAME, "0.8.35");
  for (const { tag, startUtf16, endUtf16 } of metadata)
    for (const [piece, count] of Object.entries(ran))
      if (SOURCE.slice(startUtf16, endUtf16).replace("// why", "").trim().startsWith(piece))
        calls.set(Buffer.from(tag).toString("hex"), count);
  const { arms: found, conditionals } = branchesOf(NAME, SOURCE, sources[NAME]!.ast, calls);
  assert.equal(conditionals, 1);
  return found.filter(({ taken }) => taken).map(({ line, what }) => `${line} ${what}`);
}

describe("the branches of the coverage table", () => {
  it("are all open before any call", () => {
    assert.deepEqual(arms({}), []);
  });

  it("count the arm past a guard when what follows the guard ran", () => {
    assert.deepEqual(arms({ "if (y > 3)": 2, "x = y;": 2 }), ["10 else"]);
    assert.deepEqual(arms({ "if (y > 3)": 2, "revert()": 2 }), ["10 if"]);
  });

  it("count a skipped arm only when a call is proven to have skipped it", () => {
    assert.deepEqual(arms({ "if (y == 1)": 2, "x = 1;": 2, "x = y > 2": 2 }), ["15 if"]);
    assert.deepEqual(arms({ "if (y == 1)": 3, "x = 1;": 2, "x = y > 2": 3 }), ["15 if", "15 else"]);
  });

  it("count both sides of an if with an else apart", () => {
    assert.deepEqual(arms({ "if (up)": 2, "x = 8;": 2 }), ["22 else"]);
  });
});
