/** No source: the input is marked absent, never invented. */
import type { Sentiment } from "../../ports/ports.ts";
import type { SampleAt } from "./series.ts";

export const nothing: SampleAt = async () => null;

export const absentSentiment: Sentiment = { fearGreed: nothing, headlines: nothing };
