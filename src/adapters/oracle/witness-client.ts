/** An attester in another process, over HTTP. Both sides check what they are handed. */
import {
  EpochRequestSchema,
  PublishedPredictionSchema,
  parseInput,
  SignedStatementSchema,
} from "../../domain/schemas.ts";
import { messageOf, UnknownOutcome } from "../../errors/errors.ts";
import type { AttesterPort, SignedStatement } from "../../ports/attester.ts";
import { jsonServer, postJson, type Routes } from "../http/json.ts";

/** A reply that is no statement tells nothing: the attester counts as silent. */
export function remoteAttester(name: string, url: string): AttesterPort {
  const ask = async (route: string, question: unknown): Promise<SignedStatement> => {
    const reply = await postJson<unknown>(`${url}/${route}`, question);
    try {
      return parseInput(SignedStatementSchema, reply, "answered with something that is no signed statement");
    } catch (error) {
      throw new UnknownOutcome("attester.badReply", messageOf(error), { cause: error });
    }
  };
  return {
    name,
    attest: (published) => ask("attest", published),
    witnessSettlement: (published) => ask("settlement", published),
    witnessEpoch: (request) => ask("epoch", request),
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
