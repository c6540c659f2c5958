/** Where models and the runtime's WebAssembly files lie: in the source tree, or beside a bundle that carries them. */
import { join } from "node:path";

/** Set by the bundler to the bundle's own directory. */
const bundleDirectory = process.env["SAKSI_BUNDLE_DIR"];

export const MODELS_DIR = bundleDirectory
  ? join(bundleDirectory, "models")
  : new URL("../../models", import.meta.url).pathname;

/** Undefined: the files of the installed package. */
export const WASM_DIR = bundleDirectory ? join(bundleDirectory, "wasm") : undefined;
