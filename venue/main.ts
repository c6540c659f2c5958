// The command: starts a venue and says where it listens.

import { OptionError, readOptions } from "./cli-options.ts";
import { DataFileError } from "./market/candle-file.ts";
import { startVenue } from "./venue-server.ts";

const BAD_INPUT = 2;

try {
  const venue = await startVenue(readOptions(process.argv.slice(2)));
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      venue.close().then(() => process.exit(0));
    });
  }
  process.stdout.write(`${JSON.stringify({ ready: true, port: venue.port })}\n`);
} catch (error) {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (!(error instanceof OptionError || error instanceof DataFileError) && !code.startsWith("EA"))
    throw error;
  process.stderr.write(`venue: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(BAD_INPUT);
}
