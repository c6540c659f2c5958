/** Everything a backtest says, as it goes into its JSON file (docs/backtest.md). */
import { keccak256, toUtf8Bytes } from "ethers";
import { canonicalJson } from "../models/canonical.ts";
import type { Trade } from "./account.ts";
import type { Series } from "./record.ts";
import type { Summary } from "./summary.ts";
import type { Terms } from "./terms.ts";

export type DataSource = {
  /** Base name. */
  file: string;
  /** Of the file's bytes; of the imported file's for a columnar one. */
  sha256: string;
  rows: number;
};

export type BacktestResult = {
  format: "saksi-backtest-1";
  strategy: { name: string; params: { name: string; value: number }[]; isShortAllowed: boolean };
  terms: Terms;
  data: DataSource & { stepMs: number; missing: number; firstOpenTimeMs: number; lastCloseTimeMs: number };
  funding?: DataSource;
  summary: Summary;
  trades: Trade[];
  /** The last close of each stretch of `sampleMs`. */
  equity: Series & { sampleMs: number };
  /** The last close of each UTC day. */
  daily: Series;
  /** keccak256 over the canonical JSON of data, strategy and terms. */
  hashes: { spec: string };
};

/** What the numbers follow from, in one hash. */
export const specHash = (head: Pick<BacktestResult, "strategy" | "terms" | "data" | "funding">): string =>
  keccak256(
    toUtf8Bytes(
      canonicalJson({
        strategy: head.strategy,
        terms: JSON.parse(JSON.stringify(head.terms)) as Terms,
        candles: head.data.sha256,
        funding: head.funding?.sha256 ?? null,
      }),
    ),
  );
