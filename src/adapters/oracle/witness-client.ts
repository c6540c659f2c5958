/** An attester in another process, over HTTP. Both sides check what they are handed. */
import {
  EpochRequestSchema,
  PublishedPredictionSchema,
  parseInput,
  SignedStatementSchema,
} from "../../domain/schemas.ts";
import { type QuorumDeployment, type StatementType, statementSigner } from "../../domain/statement.ts";
import { messageOf, UnknownOutcome } from "../../errors/errors.ts";
import type { AttesterPort, SignedStatement } from "../../ports/attester.ts";
import type { Notify } from "../../ports/ports.ts";
import { jsonServer, postJson, type Routes } from "../http/json.ts";

export type RemoteAttester = {
  name: string;
  url: string;
  /** Who must have signed. */
  signer: string;
};

/** What all attesters of one quorum have in common. */
export type AttesterPanel = {
  quorum: QuorumDeployment;
  /** The signer set that the contract recovers signatures under. */
  signerSetEpoch: () => Promise<bigint>;
  notify: Notify;
};

export function remoteAttesters(
  attesters: readonly RemoteAttester[],
  panel: AttesterPanel,
): readonly AttesterPort[] {
  let reading: Promise<bigint> | undefined;
  // Attesters are asked side by side: one read serves them all.
  const signerSetEpoch = (): Promise<bigint> => {
    reading ??= panel.signerSetEpoch().finally(() => {
      reading = undefined;
    });
    return reading;
  };
  return attesters.map((attester) => remoteAttester(attester, { ...panel, signerSetEpoch }));
}

/**
 * A reply that is no statement, or not signed by the attester that was asked, tells nothing: the attester counts as
 * silent, and a line names it. The contract would refuse the whole quorum for one such signature.
 */
export function remoteAttester(
  { name, url, signer }: RemoteAttester,
  { quorum, signerSetEpoch, notify }: AttesterPanel,
): AttesterPort {
  const dropped = (text: string, cause?: unknown): UnknownOutcome => {
    notify.line({ station: "attest", subject: name, text: `${text}; counted as silent`, level: "warn" });
    return new UnknownOutcome("attester.badReply", text, { cause });
  };
  const parsed = (reply: unknown): SignedStatement => {
    try {
      return parseInput(SignedStatementSchema, reply, "answered with something that is no signed statement");
    } catch (error) {
      throw dropped(messageOf(error), error);
    }
  };
  const ask = async (route: string, type: StatementType, question: unknown): Promise<SignedStatement> => {
    const [reply, epoch] = await Promise.all([
      postJson<unknown>(`${url}/${route}`, question),
      signerSetEpoch(),
    ]);
    const statement = parsed(reply);
    if (statement.signer.toLowerCase() !== signer.toLowerCase())
      throw dropped(`answered as ${statement.signer}, expected ${signer}`);
    const recovered = statementSigner(quorum, type, statement, epoch);
    if (recovered?.toLowerCase() !== signer.toLowerCase())
      throw dropped(`its signature does not recover to ${signer} under signer set ${epoch}`);
    return statement;
  };
  return {
    name,
    attest: (published) => ask("attest", "Attestation", published),
    witnessSettlement: (published) => ask("settlement", "SettlementAttestation", published),
    witnessEpoch: (request) => ask("epoch", "EpochAttestation", request),
  };
}

/** Serves a witness. One request at a time: its window of candles moves forward only. `before` runs ahead of each. */
export function witnessServer(witness: AttesterPort, before: () => Promise<void>, extra: Routes = {}) {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const run = async (): Promise<T> => {
      await before();
      return task();
    };
    const next = last.then(run, run);
    last = next.catch(() => undefined);
    return next;
  };
  const published = (body: unknown) => parseInput(PublishedPredictionSchema, body, "published prediction");
  return jsonServer({
    "POST /attest": async ({ body }) => {
      const document = published(body);
      return inTurn(() => witness.attest(document));
    },
    "POST /settlement": async ({ body }) => {
      const document = published(body);
      return inTurn(() => witness.witnessSettlement(document));
    },
    "POST /epoch": async ({ body }) => {
      const request = parseInput(EpochRequestSchema, body, "epoch request");
      return inTurn(() => witness.witnessEpoch(request));
    },
    "GET /health": async () => ({ name: witness.name, ok: true }),
    ...Object.fromEntries(
      Object.entries(extra).map(([route, run]) => [
        route,
        (request: Parameters<typeof run>[0]) => inTurn(() => run(request)),
      ]),
    ),
  });
}
