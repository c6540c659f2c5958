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

export default defineConfig({
  plugins: [hardhatToolboxMochaEthers],
  solidity: { profiles: { default: compiler, production: compiler } },
  paths: { tests: { mocha: "./test/contracts", solidity: "./test/contracts" } },
  test: { mocha: { timeout: 60_000 }, solidity: { fuzz: { runs: 1000, seed: "0x5a4b5349" } } },
  networks: {
    default: { type: "edr-simulated", chainType: "l1", hardfork: "cancun", chainId: 31337 },
  },
});
