/** The ten stations in their order, by name. */
import { type AttestEvent, attest } from "./attest/attest.ts";
import { type DistributeEvent, distribute } from "./distribute/distribute.ts";
import { type ExecuteEvent, execute } from "./execute/execute.ts";
import { features, type SlotEvent } from "./features/features.ts";
import { type IngestEvent, ingest } from "./ingest/ingest.ts";
import { predict } from "./predict/predict.ts";
import { publish } from "./publish/publish.ts";
import { risk } from "./risk/risk.ts";
import { type SettleEvent, settle } from "./settle/settle.ts";
import type { Deps, Outcome, StationName } from "./station.ts";
import { type ValidateEvent, validate } from "./validate/validate.ts";

export type StationEvents = {
  ingest: IngestEvent;
  features: SlotEvent;
  predict: SlotEvent;
  risk: SlotEvent;
  publish: SlotEvent;
  attest: AttestEvent;
  validate: ValidateEvent;
  execute: ExecuteEvent;
  settle: SettleEvent;
  distribute: DistributeEvent;
};

export const stations: { [S in StationName]: (deps: Deps, event: StationEvents[S]) => Promise<Outcome> } = {
  ingest,
  features,
  predict,
  risk,
  publish,
  attest,
  validate,
  execute,
  settle,
  distribute,
};
