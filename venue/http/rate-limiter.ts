// Request weight per caller in windows of ten seconds of virtual time, with a ban of one window after excess.

const WINDOW_MS = 10_000;
const BAN_MS = 10_000;
const MAX_CALLERS = 10_000;

interface Usage {
  window: number;
  used: number;
  bannedUntilMs: number;
}

export class RateLimiter {
  private readonly limit: number;
  private readonly usage = new Map<string, Usage>();

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Counts a call; what is used and left in this window, and whether the call may go on. */
  take(caller: string, weight: number, nowMs: number): { allowed: boolean; used: number; remaining: number } {
    if (this.limit === 0) return { allowed: true, used: 0, remaining: 0 };
    const window = Math.floor(nowMs / WINDOW_MS);
    let usage = this.usage.get(caller);
    if (usage === undefined) {
      if (this.usage.size >= MAX_CALLERS) this.usage.clear();
      usage = { window, used: 0, bannedUntilMs: 0 };
      this.usage.set(caller, usage);
    }
    if (usage.window !== window) {
      usage.window = window;
      usage.used = 0;
    }
    if (nowMs < usage.bannedUntilMs) return { allowed: false, used: usage.used, remaining: 0 };
    usage.used += weight;
    if (usage.used > this.limit) {
      usage.bannedUntilMs = nowMs + BAN_MS;
      return { allowed: false, used: usage.used, remaining: 0 };
    }
    return { allowed: true, used: usage.used, remaining: this.limit - usage.used };
  }
}
