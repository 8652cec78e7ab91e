import type { IncomingMessage } from 'node:http';
import { MAX_BODY_BYTES } from './body';
import type { Clock, Timer } from './clock';
import { Refusals } from './refusals';

/** Bytes of a body that count as much as a request without a body. */
const BYTES_OF_UNIT = 64;

/** A body of unknown length: most are short. */
const UNITS_OF_UNKNOWN = 4;

/** The least bound of the writes in flight, in units. */
export const LEAST_UNITS = 64;

/** The writes in flight that are always allowed, of any length: a proxy has about so many. */
export const LEAST_WRITES = 64;

/** The writes in flight that are allowed at first, in units. */
export const FIRST_UNITS = 512;

/** The writes in flight of one process, however idle it is, in units. */
export const MOST_UNITS = 20_000;

/** A write that arrives now should be answered in this time, by what is in flight before it. */
export const LONG_WAIT_MS = 100;

/** More may be in flight while a write waits shorter than this. */
export const SHORT_WAIT_MS = 50;

/** How often the limit is set. */
export const DECIDE_MS = 100;

/** The busy share of the event loop from which on it is what writes wait for. */
export const BUSY = 0.85;

const LEAST_SHRINK = 0.9;
const MOST_SHRINK = 0.5;
const GROW_BUSY = 1.1;
const GROW_IDLE = 2;

/** What a process knows of its load. */
export interface OverloadOptions {
  readonly clock: Clock;
  /** The busy share of the event loop since the last call, 0 to 1. */
  readonly utilization: () => number;
  /** Called for each refusal. */
  readonly refused?: () => void;
}

/** The units of a request, which are known before its body is read. */
export function unitsOf({ headers }: Pick<IncomingMessage, 'headers'>): number {
  const { 'content-encoding': coding, 'content-length': length } = headers;
  if (coding !== undefined || headers['transfer-encoding'] !== undefined) return UNITS_OF_UNKNOWN;
  return 1 + Math.min(Number(length ?? 0), MAX_BODY_BYTES) / BYTES_OF_UNIT;
}

/**
 * Bounds the writes in flight, so that accepted ones are answered soon and viewers are served,
 * whatever arrives. While the event loop is busy, what is in flight and what was answered in the
 * last 100 ms say how long a write waits (Little's law); the bound shrinks and grows by that. While
 * it is not busy, writes wait for a log or a store, and fewer in flight would only make that worse.
 */
export class Overload {
  /** The units of writes whose bodies still arrive, however slowly; the server says it. */
  unfinished: () => number = () => 0;
  private limit = FIRST_UNITS;
  private inFlight = 0;
  private writes = 0;
  private mostInFlight = 0;
  private left = 0;
  private arriving = 0;
  private decidedAtMs = 0;
  private inFlightBefore = 0;
  private timer: Timer | undefined;
  private readonly refusals: Refusals;

  constructor(private readonly options: OverloadOptions) {
    this.refusals = new Refusals(options.clock);
  }

  /** The units that may be in flight now. */
  get allowed(): number {
    return this.limit;
  }

  /** Counts a write of so many units, which must `leave` once; false if it has to be refused. */
  enter(units: number): boolean {
    if (this.writes >= LEAST_WRITES && this.inFlight - this.arriving >= this.limit) {
      this.options.refused?.();
      return false;
    }
    this.writes += 1;
    this.inFlight += units;
    if (this.inFlight > this.mostInFlight) this.mostInFlight = this.inFlight;
    if (!this.timer) this.begin();
    return true;
  }

  leave(units: number): void {
    this.writes -= 1;
    this.inFlight -= units;
    this.left += units;
  }

  /** Calls `answer` for a write that was refused, after a while. */
  refuse(answer: () => void): void {
    this.refusals.add(answer);
  }

  /** Ends the timers, and answers what waits. */
  close(): void {
    this.timer?.cancel();
    this.refusals.close();
  }

  private begin(): void {
    this.options.utilization();
    this.inFlightBefore = 0;
    this.decidedAtMs = this.options.clock.monotonic();
    this.left = 0;
    this.decideLater();
  }

  private decideLater(): void {
    this.timer = this.options.clock.after(DECIDE_MS, () => {
      this.decide();
      // Without writes nothing is measured, so that an idle process sleeps.
      if (this.inFlight > 0) this.decideLater();
      else this.timer = undefined;
    });
  }

  private decide(): void {
    const { clock, utilization } = this.options;
    const now = clock.monotonic();
    // They are looked for only if they matter: there may be thousands.
    this.arriving = this.mostInFlight >= this.limit / 2 ? this.unfinished() : 0;
    const isUsed = this.mostInFlight - this.arriving >= this.limit / 2;
    const isBusy = utilization() >= BUSY;
    // Only those that were there a while ago: a burst of just now has not waited.
    const working = Math.min(this.inFlightBefore, this.inFlight) - this.arriving;
    const waitMs = (working * (now - this.decidedAtMs)) / Math.max(1, this.left);
    if (isBusy && waitMs > LONG_WAIT_MS) this.shrink(waitMs);
    else if (isUsed && (!isBusy || waitMs < SHORT_WAIT_MS)) this.grow(isBusy);
    this.left = 0;
    this.decidedAtMs = now;
    this.mostInFlight = this.inFlight;
    this.inFlightBefore = this.inFlight;
  }

  private shrink(waitMs: number): void {
    const factor = Math.min(LEAST_SHRINK, Math.max(MOST_SHRINK, LONG_WAIT_MS / waitMs));
    const used = Math.min(this.limit, this.mostInFlight - this.arriving);
    this.limit = Math.max(LEAST_UNITS, Math.floor(used * factor));
  }

  private grow(isBusy: boolean): void {
    this.limit = Math.min(MOST_UNITS, Math.ceil(this.limit * (isBusy ? GROW_BUSY : GROW_IDLE)));
  }
}
