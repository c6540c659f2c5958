/** The one place where a named source becomes the `Sentiment` port; the engine and every attester call it for themselves. */
import { resolve } from "node:path";
import type { World } from "../../config/world.ts";
import { UsageError } from "../../errors/errors.ts";
import type { Notify, Sentiment } from "../../ports/ports.ts";
import { nothing } from "./absent.ts";
import { fileFearGreed, fileHeadlines } from "./file.ts";
import { httpFearGreed } from "./http.ts";

export { absentSentiment } from "./absent.ts";

const PUBLIC_NAME = "alternative.me";
/** The newest days: more than a value's greatest age needs. `limit=0` asks for the whole history, for a replay. */
const PUBLIC_URL = "https://api.alternative.me/fng/?limit=10";
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

const isUrl = (source: string): boolean => /^https?:\/\//.test(source);

/**
 * What `--fear-greed` and `--headlines` name, as the world's description carries it: an absolute file or a URL.
 * @throws UsageError
 */
export function sourceOf(option: "fear-greed" | "headlines", text: string): string {
  if (text === "") throw new UsageError("option.empty", `--${option} is given without a value`);
  if (option === "fear-greed" && text === PUBLIC_NAME) return PUBLIC_URL;
  if (!/^[a-z]+:\/\//i.test(text)) return resolve(text);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (option === "headlines")
    throw new UsageError("option.headlines", "--headlines takes a CSV file, not an address");
  if (!url || !(url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.includes(url.hostname))))
    throw new UsageError(
      "option.fearGreed",
      `--fear-greed takes a CSV file, ${PUBLIC_NAME}, an https address, or an http address of this machine`,
    );
  if (url.username || url.password)
    throw new UsageError(
      "option.fearGreed",
      "--fear-greed: every process of the run reads this address; give one without a user name and password",
    );
  return url.href;
}

/** @throws UsageError when a file cannot be read whole. A web service is not asked before a value is needed. */
export function sentimentOf({ sentiment = {} }: Pick<World, "sentiment">, notify: Notify): Sentiment {
  const { fearGreed, headlines } = sentiment;
  return {
    fearGreed:
      fearGreed === undefined
        ? nothing
        : isUrl(fearGreed)
          ? httpFearGreed({ url: fearGreed, notify })
          : fileFearGreed(fearGreed),
    headlines: headlines === undefined ? nothing : fileHeadlines(headlines),
  };
}
