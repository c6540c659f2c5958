import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSequencedBook, depthFrame } from "../../../src/adapters/weex/book.ts";
import { parseExact } from "../../../src/adapters/weex/exchange.ts";
import { readOptions, urlOverrides } from "../../../src/adapters/weex/options.ts";
import { orderState } from "../../../src/adapters/weex/orders.ts";
import { readByTime, readPages } from "../../../src/adapters/weex/paging.ts";
import { UnknownOutcome } from "../../../src/errors/errors.ts";

const frame = (e: string, U: number, u: number, b: string[][], a: string[][]) =>
  depthFrame.parse({ e, s: "BTCUSDT", U, u, b, a });

describe("parts of the WEEX connector", () => {
  it("replaces all six addresses, with the word that tells contract from spot", () => {
    const settings = readOptions({
      restBaseUrl: "http://h:1/",
      wsBaseUrl: "ws://h:1",
      userAgent: "x",
      requestTimeoutMs: 1,
      now: () => 0,
    });
    assert.deepEqual(urlOverrides(settings), {
      urls: {
        api: {
          public: "http://h:1",
          private: "http://h:1",
          contract: "http://h:1",
          contractPrivate: "http://h:1",
          ws: { contract: "ws://h:1/contract/v3/ws", spot: "ws://h:1/spot/v3/ws" },
        },
      },
    });
    assert.deepEqual(urlOverrides(readOptions({ userAgent: "x", requestTimeoutMs: 1, now: () => 0 })), {});
  });

  it("keeps the digits of every number", () => {
    const text = '{"id":702345678901234567,"rows":[1.10,2.0E-4,1e3,-5],"ok":true,"none":null}';
    assert.deepEqual(parseExact(text), {
      id: "702345678901234567",
      rows: ["1.10", "0.00020", "1000", "-5"],
      ok: true,
      none: null,
    });
  });

  it("applies a delta only when it starts where the last one ended", () => {
    const book = createSequencedBook();
    assert.equal(book.apply(frame("depth", 9, 10, [["5", "1"]], [])), "ignored");
    assert.equal(book.apply(frame("depthSnapshot", 10, 10, [["5", "1"]], [["6", "1"]])), "synced");
    assert.equal(
      book.apply(
        frame(
          "depth",
          10,
          14,
          [
            ["5", "0"],
            ["4", "2"],
          ],
          [],
        ),
      ),
      "applied",
    );
    assert.deepEqual(book.sample(7), {
      updateId: "14",
      observedAtMs: 7,
      bids: [[400_000_000n, 200_000_000n]],
      asks: [[600_000_000n, 100_000_000n]],
    });
    assert.equal(book.apply(frame("depth", 15, 16, [], [])), "gap");
    assert.equal(book.sample(8), undefined);
    assert.equal(book.apply(frame("depthSnapshot", 0, 0, [], [])), "empty");
    assert.equal(book.synced(), false);
  });

  it("does not take a property of every object for an order state", () => {
    assert.throws(() => orderState("constructor"), UnknownOutcome);
  });

  it("reads cut lists completely, and refuses to stop in the middle", async () => {
    const rows = Array.from({ length: 250 }, (_, i) => ({ id: String(i), at: Math.floor(i / 30) * 1_000 }));
    const fetchRange = async (from: number, to: number) =>
      rows.filter((row) => row.at >= from && row.at <= to).slice(-50);
    const query = {
      fetchRange,
      fetchInstant: async () => [],
      keyOf: (row: { id: string }) => row.id,
      limit: 50,
    };
    assert.equal((await readByTime(query, 0, 60_000)).length, 250);
    const pages = async (page: number) => rows.slice(page * 100, page * 100 + 100);
    assert.equal((await readPages(0, 100, pages, (row) => row.id)).length, 250);
    await assert.rejects(
      readPages(0, 1, async (page) => [page], String),
      UnknownOutcome,
    );
  });
});
