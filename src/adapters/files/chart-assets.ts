/** The chart library's files from its installed package, to be put into a page whole. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { ChartAssets } from "../../report/html/page.ts";

export function chartAssets(): ChartAssets {
  const dist = dirname(createRequire(import.meta.url).resolve("uplot/dist/uPlot.min.css"));
  return {
    script: readFileSync(join(dist, "uPlot.iife.min.js"), "utf8"),
    style: readFileSync(join(dist, "uPlot.min.css"), "utf8"),
  };
}
