/** Which world `saksi up` trades in: the simulated one, or a real market on paper or for real money. */

import type { Mode } from "../config/modes.ts";
import { isCarriedByQuorum } from "../domain/attestation.ts";
import { UsageError } from "../errors/errors.ts";

export type ModeOptions = {
  mode: Mode;
  /** Virtual over real time of a simulated world; undefined: as fast as possible. */
  speed: number | undefined;
  /** A host that speaks WEEX v3, instead of WEEX itself. */
  weexUrl: string | undefined;
};

export const MODE_OPTIONS = {
  speed: { type: "string" },
  live: { type: "boolean", default: false },
  trade: { type: "boolean", default: false },
  "confirm-real-orders": { type: "string" },
  "weex-url": { type: "string" },
} as const;

export const MODE_HELP = `  --speed X           simulated time runs at most X times as fast as real time
  --live              WEEX's public market in real time, fills on paper: no money moves
  --trade             real orders on WEEX with your keys from the environment (WEEX_API_KEY, …)
  --confirm-real-orders MARKET  needed with --trade: the market, spelled out
  --weex-url URL      with --live or --trade: another host that speaks WEEX v3, e.g. the simulated exchange
`;

const MAX_SPEED = 100_000;
/** What a real market does not have, and what to do about it. */
const SIMULATED_ONLY: Record<string, string> = {
  seed: "a real market has no seed",
  data: "a real market is not replayed",
  speed: "a real market runs in real time",
};

/** @throws UsageError for a contradiction, in one sentence. */
export function readMode(values: Record<string, unknown>, market: string): ModeOptions {
  const given = (name: string): boolean => {
    const value = values[name];
    return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
  };
  if (given("live") && given("trade"))
    throw new UsageError(
      "option.mode",
      "--live and --trade exclude each other: fills on paper, or real orders",
    );
  const mode: Mode = given("trade") ? "trade" : given("live") ? "live" : "simulated";
  const flag = `--${mode}`;
  if (mode !== "simulated") {
    for (const [name, why] of Object.entries(SIMULATED_ONLY))
      if (given(name)) throw new UsageError("option.mode", `--${name} does not go with ${flag}: ${why}`);
    if (!isCarriedByQuorum(values["oracle"]))
      throw new UsageError(
        "option.mode",
        `--oracle ${values["oracle"]} does not go with ${flag}: on a real market verdicts come by the quorum`,
      );
  }
  if (given("weex-url") && mode === "simulated")
    throw new UsageError("option.mode", "--weex-url goes with --live or --trade only");
  checkConfirmation(mode, values["confirm-real-orders"], market);
  return {
    mode,
    speed: given("speed") ? speedOf(values["speed"] as string) : undefined,
    weexUrl: given("weex-url") ? weexUrlOf(values["weex-url"] as string) : undefined,
  };
}

function checkConfirmation(mode: Mode, confirmed: unknown, market: string): void {
  if (mode !== "trade" && confirmed !== undefined)
    throw new UsageError("option.confirm", "--confirm-real-orders goes with --trade only");
  if (mode === "trade" && confirmed !== market)
    throw new UsageError(
      "option.confirm",
      `--trade sends real orders for real money; if you mean it, add --confirm-real-orders ${market}`,
    );
}

function speedOf(text: string): number {
  const speed = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : 0;
  if (speed <= 0 || speed > MAX_SPEED)
    throw new UsageError(
      "option.speed",
      `--speed takes a number above 0 and at most ${MAX_SPEED}, not "${text}"`,
    );
  return speed;
}

/** Keys go to this host: no credentials in it, and nothing unencrypted beyond this machine. */
function weexUrlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const local = url?.protocol === "http:" && ["127.0.0.1", "localhost"].includes(url.hostname);
  if (!url || !(local || url.protocol === "https:") || url.username || url.password || url.search)
    throw new UsageError(
      "option.weexUrl",
      "--weex-url takes an https address, or an http address of this machine, without a user name",
    );
  return url.href.replace(/\/+$/, "");
}
