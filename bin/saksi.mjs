#!/usr/bin/env node
import module from "node:module";
import { fileURLToPath } from "node:url";
import { unsupported } from "../scripts/check-platform.mjs";

const why = unsupported();
if (why) {
  process.stderr.write(`saksi: ${why}\n`);
  process.exitCode = 1;
} else {
  // Compiled code is kept between starts, where the processes we start keep theirs.
  module.enableCompileCache?.(
    fileURLToPath(new URL("../node_modules/.cache/saksi-compile", import.meta.url)),
  );
  // Only now: what it imports may not be installed on a machine that npm has refused.
  await import("../src/cli/main.ts");
}
