// Who signed a request, and may they do this?

import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { Refusal } from "../engine/records.ts";
import type { Role } from "./routes.ts";

export const SIGNATURE_WINDOW_MS = 30_000;

export interface ApiKey {
  readonly uid: string;
  readonly role: Role;
  readonly apiKey: string;
  readonly secret: string;
  readonly passphrase: string;
}

export type ApiKeys = ReadonlyMap<string, ApiKey>;

/** Checks the four headers over the given text; the refusal says which of them is wrong. */
export function authenticate(
  keys: ApiKeys,
  headers: IncomingHttpHeaders,
  signedText: (timestamp: string) => string,
  nowMs: number,
): ApiKey {
  const key = single(headers["access-key"]);
  const sign = single(headers["access-sign"]);
  const timestamp = single(headers["access-timestamp"]);
  const passphrase = single(headers["access-passphrase"]);
  if (key === "") throw new Refusal(-1040, "ACCESS_KEY header is required", 401);
  if (sign === "") throw new Refusal(-1041, "ACCESS_SIGN header is required", 401);
  if (timestamp === "") throw new Refusal(-1042, "ACCESS_TIMESTAMP header is required", 401);
  if (!/^\d{10,16}$/.test(timestamp)) throw new Refusal(-1043, "Invalid ACCESS_TIMESTAMP", 401);
  const known = keys.get(key);
  if (known === undefined) throw new Refusal(-1044, "Invalid ACCESS_KEY", 401);
  if (Math.abs(nowMs - Number(timestamp)) > SIGNATURE_WINDOW_MS) {
    throw new Refusal(-1046, "Request timestamp expired", 401);
  }
  const wanted = createHmac("sha256", known.secret).update(signedText(timestamp)).digest("base64");
  if (!same(wanted, sign)) throw new Refusal(-1047, "API authentication failed", 401);
  if (!same(known.passphrase, passphrase)) throw new Refusal(-1049, "API key or passphrase incorrect", 401);
  return known;
}

function single(header: string | string[] | undefined): string {
  return (Array.isArray(header) ? header[0] : header) ?? "";
}

function same(wanted: string, given: string): boolean {
  const a = Buffer.from(wanted);
  const b = Buffer.from(given);
  return a.length === b.length && timingSafeEqual(a, b);
}
