/** What is wrong with a run that has ended; its exit code is 0 only where nothing is. */
import type { Report } from "./report.ts";

export function wrongWith(
  report: Pick<Report, "reconciliation" | "distribution" | "venue" | "health">,
): string[] {
  const { reconciliation, distribution, venue, health } = report;
  const open =
    Object.values(reconciliation.differences).some((value) => value !== "0") ||
    distribution.residualE6 !== "0" ||
    venue.positions > 0 ||
    venue.algoOrders > 0;
  return [
    ...(open ? ["the books do not close: see the differences above"] : []),
    ...(health.firstBroken === null
      ? []
      : [`an invariant of the contracts does not hold: ${health.firstBroken}`]),
  ];
}
