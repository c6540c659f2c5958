/** The simulated exchange's admin API: its clock and its custody desk. */
import { getJson, postJson } from "../http/json.ts";

export type ClockReply = { nowMs: number; nextEventMs: number; watermarks: Record<string, number> };

export class VenueAdmin {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  constructor(url: string, token: string) {
    this.#url = url;
    this.#headers = { "x-admin-token": token };
  }
  status(): Promise<{ nowMs: number; nextEventMs: number }> {
    return getJson(`${this.#url}/admin/status`, this.#headers);
  }
  clock(toMs: number): Promise<ClockReply> {
    return postJson(`${this.#url}/admin/clock`, { toMs }, { headers: this.#headers, timeoutMs: 60_000 });
  }
  deposit(uid: string, amount: string, ref: string): Promise<{ applied: boolean }> {
    return postJson(
      `${this.#url}/admin/deposit`,
      { uid, asset: "USDT", amount, ref },
      { headers: this.#headers },
    );
  }
}
