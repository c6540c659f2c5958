/**
 * `npm run verify -- --network X`: compiles the bundle again and compares it with the chain, contract by contract. With
 * `--submit`, and only if all match, hands each to Sourcify and Etherscan. Exit code 1 unless all match. `--contract NAME`,
 * which may be repeated, takes only those.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { messageOf, UsageError } from "../src/errors/errors.ts";
import { bundleFolder, readBundle } from "./deployment/bundle.ts";
import { main, ROOT } from "./deployment/cli.ts";
import { compareBundle } from "./deployment/compare.ts";
import { etherscanKey, networkNamed, nodeOf } from "./deployment/networks.ts";
import { readRecord, recordFile } from "./deployment/record.ts";
import { etherscan, sourcify } from "./deployment/submit.ts";

await main(async () => {
  const { values } = parseArgs({
    options: {
      network: { type: "string" },
      rpc: { type: "string" },
      submit: { type: "boolean", default: false },
      contract: { type: "string", multiple: true },
      deployments: { type: "string", default: join(ROOT, "deployments") },
    },
  });
  const network = networkNamed(values.network);
  if (values.submit && !network.isPublic)
    throw new UsageError("verify.local", `${network.name} is not a public chain; leave --submit out`);
  // Asked before the long comparison.
  const key = values.submit ? etherscanKey() : "";
  const record = readRecord(recordFile(values.deployments, network.name));
  const bundle = readBundle(bundleFolder(values.deployments, network.name));
  const unknown = values.contract?.find(
    (name) => !bundle.contracts.some(({ contract }) => contract === name),
  );
  if (unknown !== undefined)
    throw new UsageError("verify.contract", `${unknown} is none of the bundle's contracts`);
  const compared = await compareBundle(nodeOf(network, values.rpc), record, bundle, values.contract);
  for (const { entry, problems } of compared)
    console.log(
      `${entry.contract} ${entry.address}: ${problems.length === 0 ? "exact match" : problems.join("; ")}`,
    );
  const matching = compared.filter(({ problems }) => problems.length === 0);
  console.log(`${matching.length} of ${compared.length} contracts match`);
  if (matching.length !== compared.length) return false;
  if (!values.submit) return true;
  let accepted = true;
  for (const { entry } of compared) {
    const input = bundle.inputs[entry.input]!;
    const { transaction } = record.contracts.find(({ address }) => address === entry.address)!;
    for (const [service, submit] of [
      ["Sourcify", () => sourcify(bundle.chainId, entry, input, transaction)],
      ["Etherscan", () => etherscan(bundle.chainId, entry, input, key)],
    ] as const) {
      try {
        console.log(`${entry.contract} ${entry.address}: ${service}: ${await submit()}`);
      } catch (error) {
        accepted = false;
        console.error(`${entry.contract} ${entry.address}: ${service}: ${messageOf(error)}`);
      }
    }
  }
  return accepted;
});
