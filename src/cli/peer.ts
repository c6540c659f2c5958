/** Shared start of the small processes beside the engine: attesters, feed, scenario actors. */

import type { Server } from "node:http";
import { parseArgs } from "node:util";
import { listen } from "../adapters/http/json.ts";
import { messageOf, UsageError } from "../errors/errors.ts";

/** Reads `--dir`, builds the server, prints the ready line, ends cleanly on a signal. */
export async function runPeer(
  name: string,
  build: (dir: string) => Promise<{ server: Server; close(): Promise<void> }>,
): Promise<void> {
  try {
    const { values } = parseArgs({ options: { dir: { type: "string" } }, strict: true });
    if (!values.dir) throw new UsageError("peer.dir", `${name} needs --dir, the directory prepared for it`);
    const { server, close } = await build(values.dir);
    const port = await listen(server, 0);
    process.stdout.write(`${JSON.stringify({ ready: true, port })}\n`);
    const stop = (): void => {
      server.closeAllConnections();
      server.close(() => void close().finally(() => process.exit(0)));
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  } catch (error) {
    process.stderr.write(`${name}: ${messageOf(error)}\n`);
    process.exit(2);
  }
}
