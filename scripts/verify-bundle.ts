/** `npm run verify:bundle -- --network X`: writes deployments/X/verification/, what verifiers need to compile each contract again. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { builtContracts } from "./deployment/artifacts.ts";
import { bundleFolder, bundleOf, writeBundle } from "./deployment/bundle.ts";
import { main, ROOT } from "./deployment/cli.ts";
import { networkNamed } from "./deployment/networks.ts";
import { readRecord, recordFile } from "./deployment/record.ts";

await main(async () => {
  const { values } = parseArgs({
    options: {
      network: { type: "string" },
      deployments: { type: "string", default: join(ROOT, "deployments") },
      artifacts: { type: "string", default: join(ROOT, "artifacts") },
    },
  });
  const { name } = networkNamed(values.network);
  const record = readRecord(recordFile(values.deployments, name));
  const bundle = bundleOf(values.artifacts, builtContracts(values.artifacts), record);
  const folder = bundleFolder(values.deployments, name);
  writeBundle(folder, bundle);
  console.log(`${folder}: ${bundle.contracts.length} contracts, ${Object.keys(bundle.inputs).length} inputs`);
  return true;
});
