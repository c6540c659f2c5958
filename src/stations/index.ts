/** The ten stations in their order, by name. */
import { attest, type AttestEvent } from "./attest/attest.ts";
import { distribute, type DistributeEvent } from "./distribute/distribute.ts";
import { execute, type ExecuteEvent } from "./execute/execute.ts";
import { features, type SlotEvent } from "./features/features.ts";
import { ingest, type IngestEvent } from "./ingest/ingest.ts";
import { predict } from "./predict/predict.ts";
import { publish } from "./publish/publish.ts";
import { risk } from "./risk/risk.ts";
import { settle, type SettleEvent } from "./settle/settle.ts";
import type { Deps, Outcome, StationName } from "./station.ts";
import { validate, type ValidateEvent } from "./validate/validate.ts";

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
  ingest, features, predict, risk, publish, attest, validate, execute, settle, distribute,
};
