import { createRequire } from "node:module";
import hardhatToolboxMochaEthers from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { defineConfig } from "hardhat/config";

const require = createRequire(import.meta.url);

const compiler = {
  version: "0.8.37",
  path: require.resolve("solc/soljson.js"),
  settings: {
    evmVersion: "cancun",
    optimizer: { enabled: true, runs: 200 },
  },
};

/** The lens answers with more named values than the plain code generator has room for; nobody pays for its gas. */
const views = {
  ...compiler,
  settings: { ...compiler.settings, viaIR: true, optimizer: { enabled: true, runs: 1 } },
};
const profile = { compilers: [compiler], overrides: { "contracts/lens/Lens.sol": views } };

/** A campaign asks for more, and for another chance, than the suite does. See `npm run invariants`. */
const campaign = {
  runs: Number(process.env["INVARIANT_RUNS"] ?? 64),
  depth: Number(process.env["INVARIANT_DEPTH"] ?? 64),
  seed: process.env["INVARIANT_SEED"] ?? "0x5a4b5349",
  shrinks: Number(process.env["INVARIANT_SHRINKS"] ?? 500), // attempts to shorten a history that fails
};

export default defineConfig({
  plugins: [hardhatToolboxMochaEthers],
  solidity: { profiles: { default: profile, production: profile } },
  paths: { tests: { mocha: "./test/contracts", solidity: "./test/contracts" } },
  test: {
    mocha: { timeout: 60_000 },
    solidity: {
      fuzz: { runs: 1000, seed: campaign.seed },
      invariant: {
        runs: campaign.runs,
        depth: campaign.depth,
        shrinkRunLimit: campaign.shrinks,
        includeStorage: false,
      },
    },
  },
  networks: {
    default: { type: "edr-simulated", chainType: "l1", hardfork: "cancun", chainId: 31337 },
  },
});
