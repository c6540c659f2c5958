import { expect } from "chai";
import { AbiCoder, id, keccak256 } from "ethers";
import { network } from "hardhat";
import { createWorld, type Live, type World } from "./support/world.ts";

/** Another chain that took over the state of the first. */
const FORKED = 4_242;

describe("Core contracts at their edges", () => {
  let w: World;
  before(async () => {
    w = await createWorld();
    await w.keep();
  });
  afterEach(() => w.back());

  it("sign for the chain they are on, also after the chain has split", async () => {
    const forked = await network.create({ network: "default", override: { chainId: FORKED } });
    for (const [name, contract, domainName] of [
      ["PredictionValidator", w.validator, "Saksi"],
      ["QuorumAttester", w.quorum, "SaksiQuorum"],
    ] as const) {
      const separatorOn = (chainId: bigint) =>
        keccak256(
          AbiCoder.defaultAbiCoder().encode(
            ["bytes32", "bytes32", "bytes32", "uint256", "address"],
            [
              id("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
              id(domainName),
              id("1"),
              chainId,
              contract.target,
            ],
          ),
        );
      await forked.networkHelpers.setCode(contract.target, await w.ethers.provider.getCode(contract.target));
      const twin = (await forked.ethers.getContractAt(name, contract.target)) as unknown as Live;
      expect(await contract.domainSeparator()).to.equal(separatorOn(w.chainId));
      expect(await twin.domainSeparator()).to.equal(separatorOn(BigInt(FORKED)));
    }
  });
});
