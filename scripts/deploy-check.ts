/** `npm run deploy:check -- --network X`: reads every recorded parameter and role back from the chain. Exit code 1 unless all are as recorded. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { builtContracts } from "./deployment/artifacts.ts";
import { main, ROOT, report } from "./deployment/cli.ts";
import { networkNamed, nodeOf } from "./deployment/networks.ts";
import { recheck } from "./deployment/recheck.ts";
import { readRecord, recordFile } from "./deployment/record.ts";

await main(async () => {
  const { values } = parseArgs({
    options: {
      network: { type: "string" },
      rpc: { type: "string" },
      deployments: { type: "string", default: join(ROOT, "deployments") },
      artifacts: { type: "string", default: join(ROOT, "artifacts") },
    },
  });
  const network = networkNamed(values.network);
  const record = readRecord(recordFile(values.deployments, network.name));
  return report(
    await recheck(nodeOf(network, values.rpc), builtContracts(values.artifacts), record),
    "check",
  );
});
