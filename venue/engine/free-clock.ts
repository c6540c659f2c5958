// Drives the virtual clock by real time. The only place of the venue where real time makes things happen.

import type { Clock } from "./clock.ts";
import type { Exchange } from "./exchange.ts";

const WAKE_MS = 20;
const MAX_EVENTS_PER_WAKE = 1000;

export function startFreeClock(exchange: Exchange, clock: Clock, speed: number): () => void {
  let realBefore = performance.now();
  let virtual = exchange.nowMs;
  let running = false;
  const timer = setInterval(async () => {
    if (running) return;
    const real = performance.now();
    virtual += (real - realBefore) * speed;
    realBefore = real;
    const furthest = exchange.nowMs + MAX_EVENTS_PER_WAKE * exchange.tickMs;
    virtual = Math.min(virtual, furthest);
    running = true;
    await clock.advanceTo(Math.floor(virtual));
    running = false;
  }, WAKE_MS);
  return () => clearInterval(timer);
}
