import assert from "node:assert/strict";
import { type FunctionFragment, Interface, type ParamType } from "ethers";
import { builtContracts } from "../../scripts/deployment/artifacts.ts";
import { ARTIFACTS } from "./support/deployed.ts";

/**
 * Calls that a program makes, never a person with a form: they may take structs and bytes. Everything else that changes
 * state takes scalars.
 */
const MACHINE_ONLY: Record<string, string> = {
  "QuorumAttester.attest": "a relayer brings a prediction with the attesters' signatures",
  "QuorumAttester.attestSealed": "a relayer brings a sealed prediction with the attesters' signatures",
  "QuorumAttester.attestRegistered": "a relayer brings signatures over a registered prediction",
  "QuorumAttester.settle": "a relayer brings fills with the attesters' signatures",
  "QuorumAttester.cancel": "a relayer brings the statement that nothing was filled",
  "QuorumAttester.closeEpoch": "a relayer brings the statement about an epoch",
  "PredictionValidator.registerPrediction": "a relayer brings a publisher's signed prediction",
  "PredictionValidator.registerSealed": "a relayer brings a publisher's signed prediction",
  "PredictionValidator.submitSealed": "an enabled transport calls it",
  "PredictionValidator.submitPrediction": "an enabled transport calls it",
  "PredictionValidator.submit": "an enabled transport calls it",
  "PredictionValidator.settle": "an enabled transport calls it",
  "PredictionValidator.cancel": "an enabled transport calls it",
  "PredictionValidator.lapse": "whoever holds the signed prediction relays it",
  "PredictionValidator.finalizeMany": "a relayer's batch; finalize takes one id",
  "SaksiGovernor.proposeFor": "SaksiProposals calls it with the call that its flat arguments make",
  "DisputeCourt.proveFills": "a program brings the fills behind a root",
  "DisputeCourt.settle": "the reviewer's transport calls it",
  "DisputeCourt.cancel": "the reviewer's transport calls it",
  "AttesterBonds.proveEquivocation": "a program brings two signed payloads",
  "FundVault.closeEpoch": "the attester contract calls it",
  "GelatoAttester.submit": "the vendor's sender calls it",
  "FunctionsAttester.requestAttestation": "the requester is a program: it sends source code",
  "FunctionsAttester.handleOracleFulfillment": "the vendor's router calls it",
};

/** One level of structure, which explorers show field by field, and which a person fills in once in a mandate's life. */
const ONE_STRUCT: Record<string, string> = {
  "RiskPolicy.openMandate":
    "opens a mandate with all of its limits at once; each is changed by a call of its own",
};

/** Inherited from OpenZeppelin as they are: their shapes are known to explorers and wallets. */
const OPENZEPPELIN = [
  "cancel",
  "castVoteBySig",
  "castVoteWithReasonAndParams",
  "castVoteWithReasonAndParamsBySig",
  "delegateBySig",
  "execute",
  "executeBatch",
  "onERC1155BatchReceived",
  "onERC1155Received",
  "onERC721Received",
  "propose",
  "queue",
  "relay",
  "schedule",
  "scheduleBatch",
];
const OPENZEPPELIN_HEIRS = /^Saksi(Governor|Timelock)$|^StakeVault$/;

const isFlat = (input: ParamType): boolean => /^(address|bool|string|bytes\d+|u?int\d+)$/.test(input.type);

describe("a function that a person calls", () => {
  const functions = builtContracts(ARTIFACTS)
    .filter(({ sourceName }) => !sourceName.startsWith("contracts/mocks/"))
    .flatMap(({ contractName, abi }) => {
      const writes: { name: string; contract: string; method: string; inputs: readonly ParamType[] }[] = [];
      new Interface(abi).forEachFunction(({ name: method, constant, inputs }) => {
        if (!constant)
          writes.push({ name: `${contractName}.${method}`, contract: contractName, method, inputs });
      });
      return writes;
    });

  it("takes named scalars alone: no struct, no list, no bytes", () => {
    assert.ok(functions.length > 50, `${functions.length} functions were found`);
    for (const { name, contract, method, inputs } of functions) {
      if (name in MACHINE_ONLY || name in ONE_STRUCT) continue;
      if (OPENZEPPELIN_HEIRS.test(contract) && OPENZEPPELIN.includes(method)) continue;
      for (const input of inputs) {
        assert.ok(
          isFlat(input),
          `${name} takes ${input.format("full")}: nobody can type that into an explorer's form`,
        );
        assert.notEqual(input.name, "", `${name} has an argument without a name`);
      }
    }
  });

  it("takes at most one struct of scalars where it takes a struct", () => {
    for (const { name, inputs } of functions.filter((one) => one.name in ONE_STRUCT)) {
      const structs = inputs.filter((input) => !isFlat(input));
      assert.equal(structs.length, 1, name);
      assert.ok(structs[0]!.components!.every(isFlat), `${name} nests`);
    }
  });

  it("is excused by name only while it exists and needs it", () => {
    const known = new Map(functions.map(({ name, inputs }) => [name, inputs]));
    for (const name of [...Object.keys(MACHINE_ONLY), ...Object.keys(ONE_STRUCT)]) {
      assert.ok(known.has(name), `${name} is excused and does not exist`);
      assert.ok(!known.get(name)!.every(isFlat), `${name} is excused and takes scalars alone`);
    }
  });

  it("names its units: an amount, a share or a time says in what it counts", () => {
    const measured =
      /(amount|cap|notional|loss|budget|delay|window|penalty|fee|share|price|leverage|confidence)/i;
    const unit = /(E6|E8|E18|Bps|Ppm|Seconds|At|Shares|shares|Saksi|Count|Id|Hash|time)$/;
    for (const { name, contract, method, inputs } of functions) {
      if (name in MACHINE_ONLY || /^(MockUsd|SaksiToken)$/.test(contract)) continue;
      if (OPENZEPPELIN_HEIRS.test(contract) && OPENZEPPELIN.includes(method)) continue;
      for (const input of inputs)
        if (/^u?int(?!8$)\d+$/.test(input.type) && measured.test(input.name))
          assert.match(input.name, unit, `${name}: ${input.name} says no unit`);
    }
  });
});

describe("a view of the lens", () => {
  const lens = new Interface(builtContracts(ARTIFACTS).find((one) => one.contractName === "Lens")!.abi);
  const views: FunctionFragment[] = [];
  lens.forEachFunction((one) => views.push(one));
  const isFlatList = ({ baseType, arrayChildren }: ParamType) =>
    baseType === "array" && isFlat(arrayChildren!);
  const bare = (type: ParamType) => (type.baseType === "array" ? type.arrayChildren!.type : type.type);

  it("changes nothing: there is no other function", () => {
    assert.ok(views.length > 10, `${views.length} functions were found`);
    for (const { name, constant } of views) assert.ok(constant, `${name} changes state`);
  });

  it("asks for named scalars or one list of ids, and answers named scalars or lists of them", () => {
    for (const { name, inputs, outputs } of views) {
      for (const input of inputs)
        assert.ok(isFlat(input) || input.type === "bytes32[]", `${name}: ${input.type}`);
      for (const output of outputs) {
        assert.ok(isFlat(output) || isFlatList(output), `${name} answers ${output.format("full")}`);
        if (outputs.length > 1) assert.notEqual(output.name, "", `${name} answers a value without a name`);
      }
    }
  });

  it("names the unit of every amount that it answers", () => {
    const amount =
      /(asset|idle|receivable|cap|bond|deposit|owed|paid|sent|returned|notional|loss|pnl|price|mark|equity|carry|line|served|staked|signal|reserve)/i;
    const unit = /(UsdE6|E8|E18|Shares|Saksi)$/;
    const counts = /^(number|mandateCount|approvals|unfinished|openPredictions|breakerCause|reasonBits)/;
    for (const { name, outputs } of views)
      for (const output of outputs)
        if (/^u?int/.test(bare(output)) && amount.test(output.name) && !counts.test(output.name))
          assert.match(output.name, unit, `${name}: ${output.name} says no unit`);
  });
});
