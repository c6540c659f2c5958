/** What each transaction should cost at most, in gas, and what the suite holds it to where that is out of reach. */
export interface GasTarget {
  target: number;
  /** Held by the suite in place of the target; why is in docs/adr/0010. */
  limit?: number;
}

export const GAS_TARGETS: Record<string, GasTarget> = {
  "approve, first": { target: 210_000 },
  "approve, warm": { target: 190_000 },
  "reject, all reasons": { target: 115_000, limit: 160_000 },
  "settle, both legs, first": { target: 190_000 },
  "settle, both legs": { target: 190_000 },
  "finalize, one": { target: 65_000 },
  "finalize, each of five": { target: 26_000 },
  lapse: { target: 90_000 },
  expire: { target: 90_000 },
  cancel: { target: 115_000 },
  "register for another transport": { target: 95_000 },
  "functions callback": { target: 120_000 },
  "functions callback, transaction": { target: 320_000 },
  "request a deposit, first of an epoch": { target: 95_000, limit: 105_000 },
  "request a deposit": { target: 95_000 },
  "claim shares": { target: 65_000 },
  "request a redemption, first of an epoch": { target: 95_000, limit: 105_000 },
  "request a redemption": { target: 95_000 },
  "claim a redemption": { target: 65_000 },
  "close epoch, at most": { target: 250_000 },
  "close epoch": { target: 250_000 },
  "approve, sealed": { target: 190_000 },
  "settle, sealed": { target: 190_000 },
  "register, sealed": { target: 95_000 },
  "dispute, open": { target: 130_000 },
  "dispute, defend": { target: 130_000 },
  "dispute, prove 32 fills": { target: 150_000 },
  "dispute, resolve by the other class": { target: 150_000 },
  "dispute, resolve by the owner": { target: 150_000 },
  "dispute, resolve by default": { target: 150_000 },
  "dispute, pay the bonds": { target: 150_000 },
  "prove an equivocation": { target: 150_000 },
};
