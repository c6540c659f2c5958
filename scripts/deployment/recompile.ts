/** A process of its own that runs the bare compiler: standard-JSON input on stdin, its answer on stdout. */
import { text } from "node:stream/consumers";
import solc from "solc";

const input = await text(process.stdin);
process.stdout.write(JSON.stringify({ version: solc.version(), output: JSON.parse(solc.compile(input)) }));
