/**
 * TensorFlow.js on its WebAssembly backend, one thread. The same bytes in give the same bytes out in every process
 * on this backend and version; another backend differs in the last digits, which is why a manifest names it.
 */
import { createRequire } from "node:module";
import { dirname, sep } from "node:path";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { enableProdMode, getBackend, ready, setBackend, version_core } from "@tensorflow/tfjs-core";
import { DomainError } from "../../errors/errors.ts";

export const TFJS_VERSION = "4.22.0";

let started: Promise<void> | undefined;

/**
 * Starts the backend once per process, from the package's own wasm files; nothing is downloaded.
 * @param wasmDirectory where the wasm files lie, for bundles that carry them along.
 * @throws DomainError `model.wrongRuntime`
 */
export function startBackend(wasmDirectory?: string): Promise<void> {
  started ??= start(wasmDirectory);
  return started;
}

async function start(wasmDirectory?: string): Promise<void> {
  if (version_core !== TFJS_VERSION)
    throw new DomainError(
      "model.wrongRuntime",
      `tfjs ${version_core} is installed, models are made for ${TFJS_VERSION}`,
    );
  // Without the library's checks of every operation, a third of a prediction's time; inputs and answers have checks of ours.
  enableProdMode();
  setWasmPaths((wasmDirectory ?? packageDirectory()) + sep);
  setThreadsCount(1);
  await setBackend("wasm");
  await ready();
  if (getBackend() !== "wasm")
    throw new DomainError("model.wrongRuntime", "the WebAssembly backend did not start");
}

const packageDirectory = (): string =>
  dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"));
