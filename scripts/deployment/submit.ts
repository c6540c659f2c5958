/** Hands a contract's bundle to the public verifiers, and waits for what they say. Nothing here runs without `--submit`. */
import { z } from "zod";
import { Refused, UnknownOutcome } from "../../src/errors/errors.ts";
import type { BundleEntry, StandardInput } from "./bundle.ts";
import { parse } from "./parameters.ts";

const SOURCIFY = "https://sourcify.dev/server";
const ETHERSCAN = "https://api.etherscan.io/v2/api";
const REQUEST_MS = 30_000;
const MAX_REPLY_BYTES = 1_000_000;
const POLL_MS = 5_000;
/** Two minutes. */
const MAX_POLLS = 24;

/** What a test puts in place of the network and of waiting. */
export type Web = {
  fetch: (url: string, init?: RequestInit) => Promise<Response>;
  sleep: (ms: number) => Promise<void>;
};
const WEB: Web = { fetch, sleep: (ms) => new Promise((next) => setTimeout(next, ms)) };

const TicketSchema = z.object({ verificationId: z.string() });
const RefusalSchema = z.object({ customCode: z.string().optional(), message: z.string() });
const JobSchema = z.object({
  isJobCompleted: z.boolean(),
  error: z.object({ message: z.string() }).nullish(),
  contract: z.object({ match: z.string().nullish() }).nullish(),
});
const ALREADY = "already_verified";

/**
 * Sourcify links libraries from the chain by itself, so it gets the input as it was compiled and the match is exact.
 * @returns its verdict in words.
 * @throws Refused when it does not match; UnknownOutcome when it does not answer.
 */
export async function sourcify(
  chainId: number,
  entry: BundleEntry,
  stdJsonInput: StandardInput,
  creationTransactionHash: string,
  web = WEB,
): Promise<string> {
  const { status, json } = await ask(web, `${SOURCIFY}/v2/verify/${chainId}/${entry.address}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      stdJsonInput,
      compilerVersion: entry.compilerVersion,
      contractIdentifier: entry.identifier,
      creationTransactionHash,
    }),
  });
  if (status !== 202) {
    const refusal = RefusalSchema.safeParse(json);
    if (refusal.data?.customCode === ALREADY) return "verified already";
    throw new Refused("verify.sourcify", `refused with ${status}: ${refusal.data?.message ?? "no reason"}`);
  }
  const { verificationId } = parse(TicketSchema, "Sourcify's answer", json);
  return poll(web, async () => {
    const job = parse(
      JobSchema,
      "Sourcify's answer",
      (await ask(web, `${SOURCIFY}/v2/verify/${verificationId}`)).json,
    );
    if (!job.isJobCompleted) return undefined;
    if (job.contract?.match === "exact_match") return "exact match";
    throw new Refused(
      "verify.sourcify",
      job.error?.message ?? `found only ${job.contract?.match ?? "no match"}`,
    );
  });
}

const EtherscanSchema = z.object({ status: z.string(), message: z.string(), result: z.string() });

/**
 * Etherscan links what the settings name, and does not compare the metadata hash, which the names change.
 * @throws Refused when it does not match; UnknownOutcome when it does not answer.
 */
export async function etherscan(
  chainId: number,
  entry: BundleEntry,
  input: StandardInput,
  key: string,
  web = WEB,
): Promise<string> {
  const call = async (action: string, rest: Record<string, string>, init: RequestInit = {}) => {
    const query = new URLSearchParams({
      chainid: String(chainId),
      module: "contract",
      action,
      apikey: key,
      ...rest,
    });
    return parse(EtherscanSchema, "Etherscan's answer", (await ask(web, `${ETHERSCAN}?${query}`, init)).json);
  };
  const form = {
    contractaddress: entry.address,
    sourceCode: JSON.stringify(withLibraries(input, entry.libraries)),
    codeformat: "solidity-standard-json-input",
    contractname: entry.identifier,
    compilerversion: `v${entry.compilerVersion}`,
    constructorArguments: entry.constructorArguments.slice(2),
  };
  const sent = await call("verifysourcecode", {}, { method: "POST", body: new URLSearchParams(form) });
  if (isDone(sent)) return "verified already";
  if (sent.status !== "1") throw new Refused("verify.etherscan", `refused: ${sent.result}`);
  return poll(web, async () => {
    const answer = await call("checkverifystatus", { guid: sent.result });
    if (/pending/i.test(answer.result)) return undefined;
    if (isDone(answer)) return "verified";
    throw new Refused("verify.etherscan", answer.result);
  });
}

const isDone = ({ message, result }: z.infer<typeof EtherscanSchema>): boolean =>
  /pass - verified|already verified/i.test(`${message} ${result}`);

/** The settings name a library by the source it is in. */
function withLibraries(input: StandardInput, libraries: Record<string, string>): StandardInput {
  const names = Object.entries(libraries);
  if (names.length === 0) return input;
  const bySource = names.map(([library, address]) => {
    const source = Object.keys(input.sources).find((name) => name.endsWith(`/${library}.sol`));
    if (source === undefined)
      throw new Refused("verify.library", `no source of the input is called ${library}.sol`);
    return [source, { [library]: address }] as const;
  });
  return { ...input, settings: { ...input.settings, libraries: Object.fromEntries(bySource) } };
}

async function poll(web: Web, look: () => Promise<string | undefined>): Promise<string> {
  for (let turn = 0; turn < MAX_POLLS; turn++) {
    await web.sleep(POLL_MS);
    const verdict = await look();
    if (verdict !== undefined) return verdict;
  }
  throw new UnknownOutcome(
    "verify.pending",
    `no verdict within ${(MAX_POLLS * POLL_MS) / 1000} s; run the command again, what is verified is not sent twice`,
  );
}

/** @throws UnknownOutcome when there is no readable answer in time. The key is in no message. */
async function ask(
  web: Web,
  url: string,
  init: RequestInit = {},
): Promise<{ status: number; json: unknown }> {
  const host = new URL(url).host;
  try {
    const response = await web.fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_MS) });
    const body = await response.text();
    if (body.length > MAX_REPLY_BYTES) throw new Error("too long");
    return { status: response.status, json: JSON.parse(body) };
  } catch {
    throw new UnknownOutcome(
      "verify.noAnswer",
      `${host} gave no readable answer within ${REQUEST_MS / 1000} s; run the command again`,
    );
  }
}
