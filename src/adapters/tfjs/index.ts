/** TensorFlow.js behind the ports of `src/models`. */
export { startBackend, TFJS_VERSION } from "./backend.ts";
export { DirectoryModelStore } from "./directory-store.ts";
export { TfjsRuntime } from "./runtime.ts";
