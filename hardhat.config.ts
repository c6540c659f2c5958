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

export default defineConfig({
  plugins: [hardhatToolboxMochaEthers],
  solidity: { profiles: { default: profile, production: profile } },
  paths: { tests: { mocha: "./test/contracts", solidity: "./test/contracts" } },
  test: { mocha: { timeout: 60_000 }, solidity: { fuzz: { runs: 1000, seed: "0x5a4b5349" } } },
  networks: {
    default: { type: "edr-simulated", chainType: "l1", hardfork: "cancun", chainId: 31337 },
  },
});
