/** One readable line for each station and prediction. */
import { formatE6, formatE8 } from "../domain/money.ts";
import type { Notify } from "../ports/ports.ts";
import type { Report } from "../report/report.ts";

const COLOURS = { info: "", decline: "\u001b[33m", warn: "\u001b[35m", error: "\u001b[31m" } as const;
const RESET = "\u001b[0m";

export function printer(nowMs: () => number, options: { quiet: boolean; colour: boolean }): Notify {
  return {
    line({ station, subject, text, level = "info" }) {
      if (options.quiet && (level === "info" || level === "decline")) return;
      const time = new Date(nowMs()).toISOString().slice(5, 19).replace("T", " ");
      const colour = options.colour ? COLOURS[level] : "";
      process.stdout.write(
        `${time}  ${station.padEnd(10)} ${subject.padEnd(12)} ${colour}${text}${colour ? RESET : ""}\n`,
      );
    },
  };
}

export function summary(report: Report): string {
  const { predictions: p, settlements: s, reconciliation: r } = report;
  const rows: [string, string][] = [
    [
      "predictions",
      `${p.published} published, ${p.terminal} terminal: ${p.approved} approved, ${p.rejectedByContract} rejected by the contract, ${p.refusedByAttesters} refused by the attesters`,
    ],
    [
      "round trips",
      `${report.trips.closed} closed (${
        Object.entries(report.trips.closeReasons)
          .map(([reason, count]) => `${count} ${reason}`)
          .join(", ") || "none"
      }), ${report.trips.withoutTrip.length} approvals without an order`,
    ],
    [
      "result",
      `${formatE8(BigInt(s.pnlE8))} USDT in ${s.count} settlements (${s.winners} up, ${s.losers} down)`,
    ],
    [
      "epochs",
      report.epochs.map((epoch) => `${epoch.epoch}: ${formatE6(BigInt(epoch.pnlE6))}`).join(", ") ||
        "none closed",
    ],
    [
      "distributed",
      `${formatE6(BigInt(report.distribution.inE6))} in, ${formatE6(BigInt(report.distribution.outE6))} out, residual ${report.distribution.residualE6}`,
    ],
    [
      "differences",
      Object.entries(r.differences)
        .map(([name, value]) => `${name} ${value}`)
        .join(", "),
    ],
    [
      "venue",
      `${report.venue.positions} positions, ${report.venue.openOrders} orders, ${report.venue.algoOrders} protective orders left`,
    ],
    [
      "latency p99",
      `close → published ${report.latencyMs.closeToPublished.p99} ms, approval → wire ${report.latencyMs.approvalToWire.p99} ms`,
    ],
    ["incidents", report.incidents.map((incident) => incident.text).join("; ") || "none"],
    ["digest", report.digest],
  ];
  return rows.map(([name, text]) => `  ${name.padEnd(12)} ${text}`).join("\n");
}
