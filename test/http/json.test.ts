import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import { connect } from "node:net";
import { after, test } from "node:test";
import fc from "fast-check";
import {
  getJson,
  jsonServer,
  listen,
  MAX_REPLY_BYTES,
  postJson,
  type Routes,
} from "../../src/adapters/http/json.ts";
import { Refused, SaksiError, UnknownOutcome } from "../../src/errors/errors.ts";

const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

async function started(server: Server): Promise<string> {
  servers.push(server);
  return `http://127.0.0.1:${await listen(server, 0)}`;
}
const serving = (routes: Routes): Promise<string> => started(jsonServer(routes));
const raw = (listener: RequestListener): Promise<string> => started(createServer(listener));
const failed = (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => assert.fail("it did not fail"),
    (error: unknown) => error,
  );

/** Sends bytes as they are and returns what came back. */
function bytesTo(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(text));
    let reply = "";
    socket.on("data", (chunk) => {
      reply += chunk.toString();
      socket.end();
    });
    socket.on("close", () => resolve(reply));
    socket.on("error", reject);
  });
}

test("what one process posts is what the other receives, bigints included, and so is the answer", async () => {
  const url = await serving({
    "POST /echo": async ({ body, params, path, headers }) => ({
      body,
      q: params.get("q"),
      path,
      mark: headers["x-mark"],
    }),
  });
  const value = fc.record(
    { amount: fc.bigInt(), text: fc.string(), list: fc.array(fc.bigInt(), { maxLength: 3 }) },
    { noNullPrototype: true },
  );
  await fc.assert(
    fc.asyncProperty(value, async (body) => {
      const answer = await postJson<{ body: unknown }>(`${url}/echo?q=1`, body, {
        headers: { "x-mark": "m" },
      });
      assert.deepEqual(answer, { body, q: "1", path: "/echo", mark: "m" });
    }),
    { numRuns: 25 },
  );
});

test("a path that ends in a slash serves everything below it, and only one level", async () => {
  const url = await serving({ "GET /things/": async ({ path }) => path, "GET /things": async () => "list" });
  assert.equal(await getJson(`${url}/things/a`), "/things/a");
  assert.equal(await getJson(`${url}/things`), "list");
  for (const path of ["/things/a/b", "/other", "/"])
    assert.match(String(await failed(getJson(url + path))), /nothing is served at GET/);
});

test("an unknown path or method is a 404 that names what was asked for", async () => {
  const url = await serving({ "GET /here": async () => 1 });
  assert.equal((await fetch(`${url}/nowhere`)).status, 404);
  assert.equal((await fetch(`${url}/here`, { method: "DELETE" })).status, 404);
  const error = await failed(postJson(`${url}/here`, {}));
  assert.ok(error instanceof Refused && error.code === "http.notFound" && /POST \/here/.test(error.message));
});

test("a refusal travels as 422 with its code and words; what is unknown or a bug is a 500 and stays unknown", async () => {
  const url = await serving({
    "GET /refused": async () => {
      throw new Refused("attest.signature", "not signed by the publisher");
    },
    "GET /unknown": async () => {
      throw new UnknownOutcome("rpc.timeout", "the node did not answer");
    },
    "GET /bug": async () => {
      throw new TypeError("x is not a function\n    at /home/me/secret/path.ts");
    },
  });
  assert.equal((await fetch(`${url}/refused`)).status, 422);
  const refused = await failed(getJson(`${url}/refused`));
  assert.ok(refused instanceof Refused);
  assert.deepEqual([refused.code, refused.message], ["attest.signature", "not signed by the publisher"]);
  assert.equal((await fetch(`${url}/unknown`)).status, 500);
  assert.ok((await failed(getJson(`${url}/unknown`))) instanceof UnknownOutcome);
  const bug = await fetch(`${url}/bug`);
  assert.equal(bug.status, 500);
  assert.ok(!(await bug.text()).includes("secret"), "no stack leaves the process");
});

test("a body up to the limit is read, one byte more is refused with the limit in words", async () => {
  const url = await serving({ "POST /size": async ({ body }) => (body as string).length });
  assert.equal(await postJson(`${url}/size`, "x".repeat(999_998)), 999_998);
  for (const length of [999_999, 5_000_000]) {
    const error = await failed(postJson(`${url}/size`, "x".repeat(length)));
    assert.ok(error instanceof Refused, String(error));
    assert.match(error.message, /at most 1000000 bytes/);
  }
  assert.equal(await postJson(`${url}/size`, "still here"), 10);
});

test("a reply up to the limit is read; beyond it nothing is known, and the rest is never read", async () => {
  const quoted = (bytes: number) => `"${"x".repeat(bytes - 2)}"`;
  const full = await raw((_request, response) => response.end(quoted(MAX_REPLY_BYTES)));
  assert.equal((await getJson<string>(full)).length, MAX_REPLY_BYTES - 2);
  let sent = 0;
  let hungUp: () => void;
  const cut = new Promise<void>((resolve) => {
    hungUp = resolve;
  });
  const endless = await raw((request, response) => {
    const chunk = Buffer.alloc(1 << 20, 0x20);
    const more = (): void => {
      while (!response.destroyed && response.write(chunk)) sent += chunk.length;
    };
    response.on("drain", more).on("close", hungUp);
    request.on("error", () => undefined);
    more();
  });
  for (const status of [200, 422]) {
    const long = await raw((_request, response) =>
      response.writeHead(status).end(quoted(MAX_REPLY_BYTES + 1)),
    );
    const error = await failed(postJson(long, {}));
    assert.ok(error instanceof UnknownOutcome && error.code === "http.replyTooLarge", String(error));
    assert.match(error.message, new RegExp(`answered ${status} with more than ${MAX_REPLY_BYTES} bytes`));
  }
  assert.ok((await failed(getJson(endless))) instanceof UnknownOutcome);
  await cut;
  assert.ok(sent < 8 * MAX_REPLY_BYTES, `${sent} bytes were taken`);
});

test("a body that is not JSON is refused", async () => {
  const url = await serving({ "POST /": async () => 1 });
  for (const body of ["{", '{"$n":"x"}']) {
    const reply = await fetch(url, { method: "POST", body });
    assert.equal(reply.status, 422);
    assert.equal(((await reply.json()) as { code: string }).code, "http.notJson");
  }
});

test("no request line takes the server down", async () => {
  const url = await serving({ "GET /alive": async () => "alive" });
  for (const target of ["//", "//:99999", "http://[", "*", "/%zz", "/__proto__"])
    assert.match(
      await bytesTo(url, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
      /^HTTP\/1.1 4\d\d /,
      target,
    );
  assert.equal(await getJson(`${url}/alive`), "alive");
});

test("a handler's unencodable answer is an error, not a torn reply", async () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  const url = await serving({ "GET /circle": async () => circle, "GET /nothing": async () => undefined });
  assert.equal((await fetch(`${url}/circle`)).status, 500);
  assert.equal(await getJson(`${url}/nothing`), null);
});

test("whatever tells nothing about the outcome is UnknownOutcome, never a refusal and never a bare error", async () => {
  const closed = await raw(() => undefined);
  const gone = servers.pop() as Server;
  await new Promise((resolve) => gone.close(resolve));
  const cases: Record<string, string> = {
    "nobody listens": closed,
    "hangs up at once": await raw((request) => request.socket.destroy()),
    "hangs up in the middle of its answer": await raw((request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write('{"accepted":');
      setTimeout(() => request.socket.destroy(), 20);
    }),
    "stops in the middle of its answer": await raw((_request, response) => {
      response.writeHead(200);
      response.write('{"accepted":');
    }),
    "says nothing": await raw(() => undefined),
    "says something else than JSON": await raw((_request, response) => response.end("<html>")),
    "fails with a null": await raw((_request, response) => response.writeHead(502).end("null")),
    "fails with JSON": await raw((_request, response) => response.writeHead(503).end('{"error":"busy"}')),
  };
  for (const [name, url] of Object.entries(cases)) {
    const error = await failed(postJson(url, {}, { timeoutMs: 150 }));
    assert.ok(error instanceof UnknownOutcome, `${name}: ${error}`);
    assert.ok(error.message.includes(new URL(url).host), `${name}: ${error.message}`);
  }
});

test("a refusal without words is still a refusal", async () => {
  for (const body of ["null", "{}", "3"]) {
    const error = await failed(
      postJson(await raw((_request, response) => response.writeHead(400).end(body)), {}),
    );
    assert.ok(error instanceof Refused && error.message === "status 400", String(error));
  }
});

test("a port that is taken is said in one sentence", async () => {
  const url = await serving({});
  const port = Number(new URL(url).port);
  await assert.rejects(
    listen(jsonServer({}), port),
    (error: unknown) =>
      error instanceof SaksiError && error.message === `port ${port} is in use; choose another one`,
  );
});
