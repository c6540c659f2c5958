/** An attester in another process, over HTTP. */
import { type AttesterPort, type SignedStatement } from "../../ports/attester.ts";
import { jsonServer, type Routes, postJson } from "../http/json.ts";
import type { Witness } from "./witness.ts";

export const remoteAttester = (name: string, url: string): AttesterPort => ({
  name,
  attest: (published) => postJson<SignedStatement>(`${url}/attest`, published),
  witnessSettlement: (published) => postJson<SignedStatement>(`${url}/settlement`, published),
  witnessEpoch: (request) => postJson<SignedStatement>(`${url}/epoch`, request),
});

/** Serves a witness. One request at a time: its window of candles moves forward only. `before` runs ahead of each. */
export function witnessServer(witness: Witness, before: () => Promise<void>, extra: Routes = {}) {
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
  const body = <T>(value: unknown): T => value as T;
  return jsonServer({
    "POST /attest": ({ body: published }) => inTurn(() => witness.attest(body(published))),
    "POST /settlement": ({ body: published }) => inTurn(() => witness.witnessSettlement(body(published))),
    "POST /epoch": ({ body: request }) => inTurn(() => witness.witnessEpoch(body(request))),
    "GET /health": async () => ({ name: witness.name, ok: true }),
    ...Object.fromEntries(Object.entries(extra).map(([route, run]) => [route, (request: Parameters<typeof run>[0]) => inTurn(() => run(request))])),
  });
}
