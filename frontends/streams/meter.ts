import { isDeepStrictEqual } from 'node:util';
import { reportSum } from '../../schemas/digest';
import type { LeasedType } from '../../schemas/event-type';
import { StandingLevel } from './standing-level';

/** The time after a failure to report a last value until it is tried again, ms. */
const LAST_REPORT_GAP_MS = 1_000;

/** A last value is dropped this long after its time, whether it was reported or not, ms. */
const MAX_OVERTIME_MS = 60_000;

/** A feed without streams is remembered this long, so that flapping streams cause few reports. */
const MAX_REMEMBERED_MS = 1_000;

const NEVER = Number.POSITIVE_INFINITY;

/**
 * The streams of one channel or member as one leased type sees them: the worker's value, and when
 * it must be reported. All times are of the monotonic clock.
 */
export class Meter {
  private count = 0;
  private value: unknown;
  private reportedValue: unknown;
  /** Whether the value may not be the reported one; `advance` compares them. */
  private isChanged = false;
  private reportNumber = 0;
  private acknowledgedNumber = 0;
  private earliestReportAt = Number.NEGATIVE_INFINITY;
  /** When the value goes; undefined while there are streams. */
  private goesAt: number | undefined;
  private overtimeEndsAt = 0;
  private readonly level: StandingLevel | undefined;

  constructor(
    readonly type: LeasedType,
    readonly channel: string,
    /** Makes the number of a report, greater than all before. */
    private readonly nextNumber: () => number,
  ) {
    if (type.standsMs !== undefined) this.level = new StandingLevel(type.standsMs);
  }

  /** The value that was reported, or is about to be; undefined if there is none. */
  get reported(): unknown {
    return this.reportedValue;
  }

  get number(): number {
    return this.reportNumber;
  }

  /** What it adds to the worker's digest. */
  get sum(): number {
    const { channel, reportNumber: number, type } = this;
    return this.reportedValue === undefined ? 0 : reportSum({ channel, number, type: type.name });
  }

  opened(memberId: string): void {
    this.count += 1;
    this.goesAt = undefined;
    this.change(memberId);
  }

  /** `now` is of the monotonic clock, and `closedAt` in ms since the epoch. */
  closed(now: number, closedAt: number): void {
    this.count -= 1;
    this.change(undefined, this.count > 0 ? undefined : closedAt);
    if (this.count > 0) return;
    const { graceMs } = this.type;
    if (graceMs === 0) this.setValue(undefined);
    else this.goesAt = now + graceMs;
    this.overtimeEndsAt = now + graceMs + MAX_OVERTIME_MS;
  }

  /** Notes the level of the newest state that was delivered. */
  observe(level: number, now: number): void {
    this.level?.observe(level, now);
  }

  /** Notes that the dispatchers have the report with this number. */
  acknowledge(number: number): void {
    this.acknowledgedNumber = Math.max(this.acknowledgedNumber, number);
  }

  /** Does what is due; returns whether there is a new report. With `isForced`, at once. */
  advance(now: number, isForced = false): boolean {
    this.advanceLevel(now);
    const isEnding = this.isEnding(now);
    if (isEnding) this.advanceEnd(now);
    if (!this.isChanged) return false;
    const isLast = this.value === undefined || isEnding;
    if (!isForced && !isLast && now < this.earliestReportAt) return false;
    this.isChanged = false;
    if (isSame(this.value, this.reportedValue)) return false;
    this.reportedValue = this.value;
    this.reportNumber = this.nextNumber();
    const gap = this.type.reportEveryMs;
    const isGone = this.value === undefined;
    this.earliestReportAt = now + (isGone ? Math.min(gap, MAX_REMEMBERED_MS) : gap);
    return true;
  }

  /** When `advance` must be called next; undefined if nothing is due. */
  nextAt(now: number): number | undefined {
    let next = this.goesAt ?? NEVER;
    if (this.isChanged) next = Math.min(next, this.earliestReportAt);
    if (this.count > 0) next = Math.min(next, this.level?.nextAt ?? NEVER);
    if (this.isIdle) next = Math.min(next, Math.max(now, this.earliestReportAt));
    return next === NEVER ? undefined : next;
  }

  /** Whether it can be removed: nothing is reported, and a new one would report no sooner. */
  isOver(now: number): boolean {
    return this.isIdle && now >= this.earliestReportAt;
  }

  private get isIdle(): boolean {
    return this.count === 0 && this.value === undefined && this.reportedValue === undefined;
  }

  // One literal: an object that is built by a spread costs as much as all the rest of an event.
  private change(openedBy?: string, closedAt?: number): void {
    const streams = { count: this.count, openedBy, closedAt, stood: this.level?.stood ?? 0 };
    this.setValue(this.type.value(this.value, streams));
  }

  private setValue(value: unknown): void {
    this.value = value;
    this.isChanged = value !== this.reportedValue;
  }

  private advanceLevel(now: number): void {
    if (!this.level || this.count === 0) return;
    const before = this.level.stood;
    this.level.advance(now);
    if (this.level.stood !== before) this.change();
  }

  /** Drops the value at its time, but not before its last change has arrived. */
  private advanceEnd(now: number): void {
    const hasArrived = !this.isChanged && this.acknowledgedNumber >= this.reportNumber;
    if (hasArrived || now >= this.overtimeEndsAt) {
      this.setValue(undefined);
      this.goesAt = undefined;
    } else this.goesAt = now + LAST_REPORT_GAP_MS;
  }

  private isEnding(now: number): boolean {
    return this.goesAt !== undefined && now >= this.goesAt;
  }
}

/** Whether two values are equal; most are the same text, or few fields. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  return typeof one === 'object' && typeof other === 'object' && isDeepStrictEqual(one, other);
}
