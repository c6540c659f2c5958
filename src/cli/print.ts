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

const E18_PER_SAKSI = 10n ** 18n;
const usd = (amountE6: string): string => formatE6(BigInt(amountE6));
const saksi = (amount: string): string => String(BigInt(amount) / E18_PER_SAKSI);

function epochLine(epoch: Report["epochs"][number]): string {
  const { pnlE6, bondPaidE6, depositorsE6, feeOperatorE6, feeStakersE6, feeTreasuryE6 } = epoch;
  const fees = [feeOperatorE6, feeStakersE6, feeTreasuryE6].map(BigInt);
  const who = `depositors ${usd(depositorsE6)}`;
  const shared =
    BigInt(pnlE6) <= 0n
      ? `bond ${usd(bondPaidE6)}, ${who}`
      : fees.some((fee) => fee > 0n)
        ? `${who}, fees ${fees.map(formatE6).join(" / ")} (operator, stakers, treasury)`
        : `${who}, no fee: below the mark`;
  return `${epoch.epoch}: ${usd(pnlE6)} → ${shared}`;
}

export function summary(report: Report): string {
  const { predictions: p, reconciliation: r, settlements, standing: s } = report;
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
      `${formatE8(BigInt(settlements.pnlE8))} USDT in ${settlements.count} settlements (${settlements.winners} up, ${settlements.losers} down)`,
    ],
    [
      "seals",
      `${report.seals.sealed} approved under seal, ${report.seals.revealed} revealed at the settlement, ${report.seals.matched} as sealed`,
    ],
    ["epochs", report.epochs.map(epochLine).join("\n               ") || "none closed"],
    [
      "distributed",
      `${formatE6(BigInt(report.distribution.inE6))} in, ${formatE6(BigInt(report.distribution.outE6))} out, residual ${report.distribution.residualE6}`,
    ],
    [
      "stakers",
      `${saksi(s.stakedSaksi)} SAKSI staked, ${saksi(s.signalledSaksi)} of it behind the mandate; fees passed on ${usd(s.feesPassedOnE6)}, still in the fund ${usd(s.feesWaitingE6)}`,
    ],
    [
      "bonds",
      `operator ${usd(s.operatorBondE6)}, attesters ${s.attesterBondsE6.map(usd).join(" ")}; at the venue ${usd(s.allocatedE6)}, of a target of ${usd(s.targetE6)}`,
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
