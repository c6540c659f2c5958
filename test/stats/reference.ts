/** Values computed by others, kept beside the repository. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../../shared/reference/stats/", import.meta.url));

export const skip = existsSync(FOLDER) ? false : "the reference values are not on this machine";
export const reference = (name: string) => JSON.parse(readFileSync(`${FOLDER}${name}.json`, "utf8"));
