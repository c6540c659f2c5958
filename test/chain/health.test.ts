import assert from "node:assert/strict";
import { test } from "node:test";
import { JsonRpcProvider } from "ethers";
import { validatorAbi } from "../../src/adapters/evm/abi.ts";
import { deploySaksi } from "../../src/adapters/evm/deploy.ts";
import { healthOf } from "../../src/adapters/evm/health.ts";
import { ARTIFACTS } from "../../src/adapters/local/boot.ts";
import { ensureCompiled } from "../../src/adapters/local/compile.ts";
import { localDeployment } from "../../src/config/deployment.ts";
import { roleWallet } from "../../src/config/scenario.ts";
import { CHAIN_ID, startAnvil } from "./anvil.ts";

const anvil = await startAnvil();
const { rpc } = anvil;

test("the local world is sound when it has been deployed, and says so when its guardian trades", {
  timeout: 600_000,
}, async () => {
  await ensureCompiled(() => undefined);
  const provider = new JsonRpcProvider(anvil.url, Number(CHAIN_ID), {
    staticNetwork: true,
    cacheTimeout: -1,
  });
  const deployer = roleWallet("deployer").connect(provider);
  const now = BigInt(Math.floor(Date.now() / 1000));
  const params = localDeployment("weex:BTCUSDT", `0x${"1".repeat(64)}`, now, "sealed");
  const mine = () => anvil.mine();
  const { addresses } = await deploySaksi({ deployer, params, artifactsDir: ARTIFACTS, mine });
  const lens = addresses.Lens!;
  const sound = await healthOf(rpc, lens);
  assert.ok(sound.invariants > 40, `${sound.invariants} invariants`);
  assert.equal(sound.firstBroken, undefined);

  const data = validatorAbi.encodeFunctionData("setExecutor", [params.guardian]);
  await deployer.sendTransaction({ to: addresses.PredictionValidator, data, gasLimit: 200_000n });
  await mine();
  assert.equal((await healthOf(rpc, lens)).firstBroken, "g2KeysAreApart");
  provider.destroy();
});
