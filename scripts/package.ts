/**
 * Builds the Lambdas into dist/ and packages the service, without credentials:
 *   node scripts/package.ts            bundles, then `serverless package`
 *   node scripts/package.ts --bundle   bundles only
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Plugin } from "esbuild";
import { STATIONS } from "../src/stations/station.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
const require = createRequire(import.meta.url);
/** The only one that Lambda's processors and Node choose; the others would give other last digits. */
const WASM_FILE = "tfjs-backend-wasm-simd.wasm";

/** ccxt exports all exchanges or nothing; the bundle takes the one class it uses. */
const oneExchange: Plugin = {
  name: "one-exchange",
  setup(context) {
    const classFile = join(dirname(require.resolve("ccxt")), "../js/src/pro/weex.js");
    context.onLoad({ filter: /\/src\/adapters\/weex\/ccxt-class\.ts$/ }, () => ({
      contents: `import weex from ${JSON.stringify(classFile)};\nexport const loadWeexClass = async () => weex;\n`,
      loader: "ts",
      resolveDir: root,
    }));
  },
};

async function bundle(): Promise<void> {
  rmSync(dist, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: STATIONS.map((station) => `lambdas/${station}.ts`),
    outdir: dist,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    // tfjs marks the files that register its backend and its operations as free of side effects.
    ignoreAnnotations: true,
    mainFields: ["module", "main"],
    inject: [require.resolve("@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js")],
    minify: true,
    keepNames: true,
    // Loaded by ccxt for other exchanges, and by the boot of a local world.
    external: ["protobufjs", "protobufjs/*", "*/functions/build.ts"],
    define: { "import.meta.url": "bundleUrl", "process.env.SAKSI_BUNDLE_DIR": "__dirname" },
    banner: { js: 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;' },
    plugins: [oneExchange],
    logLevel: "warning",
  });
  const wasmSource = dirname(require.resolve("@tensorflow/tfjs-backend-wasm"));
  mkdirSync(join(dist, "wasm"));
  cpSync(join(wasmSource, WASM_FILE), join(dist, "wasm", WASM_FILE));
  cpSync(join(root, "models"), join(dist, "models"), { recursive: true });
}

function packageService(): void {
  const cli = require.resolve("serverless/bin/serverless.js");
  const { status } = spawnSync(process.execPath, [cli, "package"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) throw new Error(`serverless package ended with code ${status}`);
}

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(0).padStart(6)} kB`;

function printSizes(): void {
  for (const station of STATIONS) {
    const file = join(dist, `${station}.cjs`);
    console.log(
      `${station.padEnd(11)} ${kilobytes(statSync(file).size)}  gzip ${kilobytes(gzipSync(readFileSync(file)).length)}`,
    );
  }
}

function printPackages(): void {
  const folder = join(root, ".serverless");
  const zips = readdirSync(folder).filter((name) => name.endsWith(".zip"));
  for (const name of zips) console.log(`${name.padEnd(15)} ${kilobytes(statSync(join(folder, name)).size)}`);
}

const startedAt = performance.now();
await bundle();
printSizes();
console.log(`bundled in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
if (!process.argv.includes("--bundle")) {
  packageService();
  printPackages();
}
