/** Options of a command as node's parser reads them; its complaints as one sentence. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { messageOf, UsageError } from "../errors/errors.ts";

/** @param options with `help` among them. @throws UsageError `option.unknown` */
export function readArgs<T extends NonNullable<ParseArgsConfig["options"]>>(
  command: string,
  args: string[],
  options: T,
) {
  try {
    return parseArgs({ args, strict: true, allowPositionals: true, options });
  } catch (error) {
    throw new UsageError("option.unknown", `${messageOf(error)}; saksi ${command} --help lists the options`);
  }
}

/** @throws UsageError `option.number` */
export function numberOf(name: string, text: string, low: number, high: number): number {
  const value = /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= low && value <= high))
    throw new UsageError("option.number", `--${name} is a number from ${low} to ${high}, not "${text}"`);
  return value;
}
