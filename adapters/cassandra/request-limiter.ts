import type { Clock, Timer } from '../../runtime/clock';
import { LikestreamError } from '../../schemas/errors';

/** The limits for the requests of one Cassandra client. */
export interface RequestLimits {
  /** Requests of one call in flight. */
  readonly inFlightOfCall: number;
  /** Requests of all calls in flight. */
  readonly inFlight: number;
  /** Calls that may wait for a slot; further calls are rejected. */
  readonly waitingCalls: number;
  /** The longest wait of a call for its next slot; then it is rejected. */
  readonly waitMs: number;
  /** Requests that a call may start before the next waiting call may. */
  readonly requestsOfTurn: number;
}

/** The driver throws at 2,049 requests in flight, and sends some of these itself. */
export const CASSANDRA_LIMITS: RequestLimits = {
  inFlightOfCall: 500,
  inFlight: 1_500,
  waitingCalls: 8_192,
  waitMs: 3_000,
  requestsOfTurn: 64,
};

/** Checks of the waiting calls within `waitMs`. */
const CHECKS_OF_WAIT = 6;

/** One call and its requests; those before index `next` are started. */
interface Call {
  readonly size: number;
  readonly start: (index: number) => Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  next: number;
  inFlight: number;
  /** Requests that it may still start in this turn. */
  turnLeft: number;
  /** When it began to wait for its next slot, monotonic ms. */
  waitingSince: number;
  isOver: boolean;
}

/**
 * Bounds the requests in flight, per call and in total. Waiting calls get slots in the order in
 * which they began to wait, so a large call never blocks small ones. A call is never rejected for
 * its size, only if too many calls wait, or if it waited too long for a slot.
 */
export class RequestLimiter {
  private readonly waiting = new Set<Call>();
  private inFlight = 0;
  private check: Timer | undefined;
  private isClosed = false;

  constructor(
    private readonly limits: RequestLimits,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs `start(0)` to `start(size - 1)` and resolves once all have succeeded. After a failure it
   * starts no more of them and rejects with that failure. Rejects with `store_unavailable` if the
   * call gets no slot.
   */
  run(size: number, start: (index: number) => Promise<void>): Promise<void> {
    if (size === 0) return Promise.resolve();
    if (this.isClosed) return Promise.reject(unavailable('the client is closed'));
    if (this.waiting.size >= this.limits.waitingCalls) {
      return Promise.reject(unavailable('too many calls wait'));
    }
    return new Promise((resolve, reject) => {
      const progress = { next: 0, inFlight: 0, turnLeft: 0, waitingSince: 0, isOver: false };
      this.enqueue({ size, start, resolve, reject, ...progress });
      this.startWaiting();
    });
  }

  /** Rejects all waiting and all later calls. */
  close(): void {
    this.isClosed = true;
    for (const call of [...this.waiting]) this.fail(call, unavailable('the client is closed'));
  }

  private enqueue(call: Call): void {
    call.waitingSince = this.clock.monotonic();
    call.turnLeft = this.limits.requestsOfTurn;
    this.waiting.delete(call);
    this.waiting.add(call);
    this.check ??= this.checkLater();
  }

  private remove(call: Call): void {
    this.waiting.delete(call);
    if (this.waiting.size > 0) return;
    this.check?.cancel();
    this.check = undefined;
  }

  private startWaiting(): void {
    while (this.inFlight < this.limits.inFlight) {
      const [call] = this.waiting;
      if (!call) return;
      this.startNext(call);
    }
  }

  private startNext(call: Call): void {
    const index = call.next++;
    call.inFlight++;
    call.turnLeft--;
    call.waitingSince = this.clock.monotonic();
    this.inFlight++;
    if (call.next === call.size || call.inFlight === this.limits.inFlightOfCall) this.remove(call);
    else if (call.turnLeft === 0) this.enqueue(call);
    void this.runRequest(call, index);
  }

  private async runRequest(call: Call, index: number): Promise<void> {
    try {
      await call.start(index);
      this.freeSlot(call);
      this.advance(call);
    } catch (error) {
      this.freeSlot(call);
      this.fail(call, error);
    }
    this.startWaiting();
  }

  private freeSlot(call: Call): void {
    call.inFlight--;
    this.inFlight--;
  }

  /** Ends a call if all its requests have succeeded; otherwise it waits for its next slot. */
  private advance(call: Call): void {
    if (call.isOver) return;
    if (call.next < call.size) {
      if (!this.waiting.has(call)) this.enqueue(call);
    } else if (call.inFlight === 0) {
      call.isOver = true;
      call.resolve();
    }
  }

  private fail(call: Call, error: unknown): void {
    if (call.isOver) return;
    call.isOver = true;
    this.remove(call);
    call.reject(error);
  }

  private checkLater(): Timer {
    return this.clock.after(this.limits.waitMs / CHECKS_OF_WAIT, () => {
      this.check = undefined;
      const latest = this.clock.monotonic() - this.limits.waitMs;
      for (const call of [...this.waiting]) {
        if (call.waitingSince <= latest) this.fail(call, unavailable('no slot in time'));
      }
      if (this.waiting.size > 0) this.check ??= this.checkLater();
    });
  }
}

function unavailable(detail: string): LikestreamError {
  return new LikestreamError('store_unavailable', detail);
}
