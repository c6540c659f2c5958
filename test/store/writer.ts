/** Run as a process of its own: writes numbered facts with their work until it is killed, and says each once it is safe. */
import { writeSync } from "node:fs";
import { SqliteStore } from "../../src/adapters/sqlite/store.ts";

const [path, holder] = process.argv.slice(2) as [string, string];
const store = new SqliteStore(path);
store.takeFence(holder);
for (let n = 0; ; n++) {
  await store.transact([
    { op: "put", pk: "fact", sk: String(n).padStart(8, "0"), value: { n: BigInt(n) }, expect: 0 },
    { op: "put", pk: "last", sk: "fact", value: { n } },
    {
      op: "enqueue",
      work: { station: "attest", event: { n }, lane: "facts", dedupeId: `fact:${n}`, runAtMs: 0 },
    },
  ]);
  writeSync(1, `${n}\n`);
}
