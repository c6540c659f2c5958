import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type FunctionFragment, Interface, type ParamType } from "ethers";
import { builtContracts } from "../../scripts/deployment/artifacts.ts";
import { ARTIFACTS } from "./support/deployed.ts";

/** OpenZeppelin's own: known to explorers and wallets, or of no use to anyone here. */
const OPENZEPPELIN: Record<string, string[]> = {
  "*": ["acceptOwnership", "transferOwnership", "renounceOwnership", "approve", "transfer", "transferFrom"],
  SaksiToken: ["permit", "burnFrom"],
  StakeVault: ["delegateBySig"],
  SaksiTimelock: [
    "cancel",
    "execute",
    "executeBatch",
    "grantRole",
    "onERC1155BatchReceived",
    "onERC1155Received",
    "onERC721Received",
    "renounceRole",
    "revokeRole",
    "schedule",
    "scheduleBatch",
  ],
  SaksiGovernor: [
    "cancel",
    "castVote",
    "castVoteBySig",
    "castVoteWithReason",
    "castVoteWithReasonAndParams",
    "castVoteWithReasonAndParamsBySig",
    "execute",
    "onERC1155BatchReceived",
    "onERC1155Received",
    "onERC721Received",
    "propose",
    "queue",
    "relay",
    "setProposalGuardian",
    "setProposalThreshold",
    "updateQuorumNumerator",
  ],
};
const PROGRAMS = "## Not for people";

const text = readFileSync(new URL("../../docs/owners.md", import.meta.url), "utf8");
const quoted = (part: string) => [...part.matchAll(/`([^`\n]+)`/g)].map(([, inside]) => inside!);
const namesOf = (params: readonly ParamType[]) => params.map(({ name }) => name).join(", ");

describe("the owners' handbook", () => {
  const contracts = builtContracts(ARTIFACTS).filter(
    ({ sourceName }) => !sourceName.startsWith("contracts/mocks/"),
  );
  const interfaces = new Map(contracts.map(({ contractName, abi }) => [contractName, new Interface(abi)]));
  const functions = [...interfaces].flatMap(([contract, abi]) =>
    abi.fragments
      .filter((one): one is FunctionFragment => one.type === "function")
      .map((one) => ({ contract, name: one.name, call: `${one.name}(${namesOf(one.inputs)})`, one })),
  );
  const [forPeople, forPrograms] = text.split(PROGRAMS) as [string, string];

  it("names no function and no argument that no contract has", () => {
    const calls = quoted(text).filter((inside) => /^[A-Z]\w*\.\w+/.test(inside));
    assert.ok(calls.length > 150, `${calls.length} calls were found`);
    for (const inside of calls) {
      const [, contract, rest] = inside.match(/^(\w+)\.(.+)$/)!;
      assert.ok(interfaces.has(contract!), `${inside}: there is no contract ${contract}`);
      const own = functions.filter((each) => each.contract === contract);
      const found = own.some(({ name, call }) => (rest!.includes("(") ? call === rest : name === rest));
      const near = own.filter(({ name }) => name === rest!.replace(/\(.*/, "")).map(({ call }) => call);
      assert.ok(found, `${inside}: ${contract} has ${near.join(" and ") || "no such function"}`);
    }
  });

  it("names no value, event, error or function by itself that no contract has", () => {
    const known = new Set<string>();
    const add = (params: readonly ParamType[]) => {
      for (const param of params) {
        known.add(param.name);
        if (param.components) add(param.components);
      }
    };
    for (const abi of interfaces.values())
      for (const fragment of abi.fragments) {
        add(fragment.inputs);
        if (fragment.type === "function") add((fragment as FunctionFragment).outputs);
        if ("name" in fragment) {
          known.add(String(fragment.name));
          known.add(`${fragment.name}(${namesOf(fragment.inputs)})`);
        }
      }
    const alone = quoted(text).filter((inside) =>
      /^[A-Za-z]+[A-Z0-9]\w*(\(.*\))?$|^[a-z]\w*\(.*\)$/.test(inside),
    );
    assert.ok(alone.length > 80, `${alone.length} names were found`);
    const endings = ["UsdE6", "E8"];
    for (const inside of alone)
      assert.ok(
        known.has(inside) || interfaces.has(inside) || endings.includes(inside),
        `${inside} is nowhere`,
      );
  });

  it("leaves out no function of a deployed contract that changes state", () => {
    const shown = new Set(quoted(forPeople));
    const listed = new Set(quoted(forPrograms));
    const writes = functions.filter(({ one }) => !one.constant);
    assert.ok(writes.length > 150, `${writes.length} functions were found`);
    for (const { contract, name, call } of writes) {
      if (OPENZEPPELIN["*"]!.includes(name) || OPENZEPPELIN[contract]?.includes(name)) continue;
      const told = shown.has(`${contract}.${call}`) || listed.has(`${contract}.${name}`);
      assert.ok(told, `docs/owners.md does not say what ${contract}.${call} is for`);
    }
  });

  it("excuses only what OpenZeppelin brought and what is there", () => {
    for (const [contract, names] of Object.entries(OPENZEPPELIN))
      for (const name of names) {
        const own = functions.filter(
          (each) => each.name === name && (contract === "*" || each.contract === contract),
        );
        assert.ok(own.length > 0, `${contract}.${name} is excused and does not exist`);
      }
  });

  it("gives every form its fields: a row for each button of a person", () => {
    const rows = forPeople.split("\n").filter((line) => /^\| `[A-Z]\w+\.\w+\(/.test(line));
    assert.ok(rows.length > 80, `${rows.length} rows were found`);
    for (const row of rows) {
      const cells = row.split(/(?<!\\)\|/).slice(1, -1);
      assert.ok(cells.length >= 3 && cells.every((cell) => cell.trim() !== ""), row);
    }
  });

  it("explains every value of health(), and no other", () => {
    const outputs = interfaces
      .get("Lens")!
      .getFunction("health")!
      .outputs.map(({ name }) => name);
    const explained = quoted(text).filter((inside) => /^([drafsg]\d+|wired)[A-Z]\w*$/.test(inside));
    assert.deepEqual([...new Set(explained)].sort(), [...outputs].sort());
  });

  it("numbers the limits as the rule book does", () => {
    const source = readFileSync(
      new URL("../../contracts/interfaces/IRiskPolicy.sol", import.meta.url),
      "utf8",
    );
    const fields = source
      .match(/enum LimitField \{([^}]+)\}/)![1]!
      .split(",")
      .map((one) => one.trim());
    const table = text.split("### Field numbers of limits")[1]!.split("\n## ")[0]!;
    const told = [...table.matchAll(/\| (\d+) \| (\w+) (?=\|)/g)].map(([, number, name]) => [
      Number(number),
      name,
    ]);
    assert.deepEqual(
      told.sort(([a], [b]) => Number(a) - Number(b)),
      fields.map((name, number) => [number, name]),
    );
  });
});
