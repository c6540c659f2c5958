/**
 * Says in one sentence what this machine lacks to run Saksi, before anything is started. npm makes the same check with
 * `os`, `cpu` and `libc` of package.json before it installs. Runs on any Node and needs no package.
 */

const SUPPORTED = "Saksi runs on Linux x64 with glibc";
const REMEDY =
  "use such a machine, or run it in a Linux x64 container (Debian, Ubuntu), a virtual machine or WSL2";
const SYSTEMS = { darwin: "macOS", win32: "Windows", linux: "Linux" };

/**
 * @param {{ platform: string, arch: string, libc: string | undefined }} [machine] as `process` names them
 * @returns {string | undefined} nothing when it is supported
 */
export function unsupported(machine = thisMachine()) {
  const { platform, arch, libc } = machine;
  if (platform === "linux" && arch === "x64" && libc === "glibc") return undefined;
  const system = SYSTEMS[platform] ?? platform;
  const found =
    platform === "linux" && libc !== "glibc" ? `${system} ${arch} without glibc` : `${system} ${arch}`;
  return `${SUPPORTED}, and this is ${found}; ${REMEDY}`;
}

function thisMachine() {
  const { platform, arch, report } = process;
  // The report names the C library Node is linked to; on Linux without a name it is another one, mostly musl.
  const libc = platform === "linux" && report?.getReport().header.glibcVersionRuntime ? "glibc" : undefined;
  return { platform, arch, libc };
}
