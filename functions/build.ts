/** Bundles the request source to the one script a Chainlink Functions request carries. */
import { build } from "esbuild";

/** The network's limit on a whole request; the script must leave room for its arguments. */
export const MAX_REQUEST_BYTES = 30_000;
const ARGUMENT_BYTES = 2_000;
const ENTRY = new URL("./source/attest.ts", import.meta.url).pathname;

/** Sequences that the vendor's simulator would expand, because it injects the source by `String.replace`. */
const EXPANDED = /\$[$&`']/;

/** @throws Error in one sentence when the source does not build, is too long, or would be corrupted on injection. */
export async function buildSource(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    globalName: "saksi",
    platform: "neutral",
    target: "es2022",
    legalComments: "none",
    logLevel: "silent",
  });
  // A block of its own keeps the bundle's names apart from the sandbox's.
  const source = `{${outputFiles[0]!.text.trim()}return await saksi.main(args,Functions.makeHttpRequest)}`;
  const bytes = Buffer.byteLength(source);
  if (bytes > MAX_REQUEST_BYTES - ARGUMENT_BYTES)
    throw new Error(
      `the request source has ${bytes} bytes; at most ${MAX_REQUEST_BYTES - ARGUMENT_BYTES} fit into a request`,
    );
  const trap = EXPANDED.exec(source);
  if (trap)
    throw new Error(
      `the request source contains ${trap[0]} at ${trap.index}, which the simulator's String.replace would expand`,
    );
  return source;
}
