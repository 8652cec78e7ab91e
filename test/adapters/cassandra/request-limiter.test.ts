import fc from 'fast-check';
import '../../fixtures/same-runs';
import { RequestLimiter, type RequestLimits } from '../../../adapters/cassandra/request-limiter';
import { VirtualClock } from '../../simulation/virtual-clock';

const LIMITS: RequestLimits = {
  inFlightOfCall: 4,
  inFlight: 10,
  waitingCalls: 20,
  waitMs: 3_000,
  requestsOfTurn: 3,
};

/** A request that was started and is not answered yet. */
interface Request {
  readonly call: number;
  readonly index: number;
  readonly answer: (isOk: boolean) => void;
}

/** Calls on a limiter, whose requests the test answers. */
class Server {
  readonly clock = new VirtualClock();
  readonly limiter: RequestLimiter;
  readonly requests: Request[] = [];
  readonly outcomes = new Map<number, string>();
  /** The calls, in the order in which their requests were started. */
  readonly starts: number[] = [];
  mostInFlight = 0;
  mostInFlightOfCall = 0;

  constructor(limits: RequestLimits = LIMITS) {
    this.limiter = new RequestLimiter(limits, this.clock);
  }

  call(call: number, size: number): Promise<void> {
    const run = this.limiter.run(size, (index) => this.start(call, index));
    return run.then(
      () => void this.outcomes.set(call, 'done'),
      (error) => void this.outcomes.set(call, error.detail ?? error.message),
    );
  }

  inFlightOf(call: number): number {
    return this.requests.filter((request) => request.call === call).length;
  }

  /** Answers a request, and resolves when all its effects have happened. */
  async answer(at: number, isOk = true): Promise<void> {
    const [request] = this.requests.splice(at, 1);
    request?.answer(isOk);
    await this.clock.advance(0);
  }

  private start(call: number, index: number): Promise<void> {
    this.starts.push(call);
    return new Promise((resolve, reject) => {
      const answer = (isOk: boolean) => (isOk ? resolve() : reject(new Error('refused')));
      this.requests.push({ call, index, answer });
      this.mostInFlight = Math.max(this.mostInFlight, this.requests.length);
      this.mostInFlightOfCall = Math.max(this.mostInFlightOfCall, this.inFlightOf(call));
    });
  }
}

const calls = fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 12 });
const answers = fc.infiniteStream(
  fc.record({ at: fc.nat(), isOk: fc.integer({ min: 0, max: 49 }).map((n) => n > 0) }),
);

describe('RequestLimiter with any calls', () => {
  it('never exceeds its limits, and ends each call, with any failures', async () => {
    await fc.assert(
      fc.asyncProperty(calls, answers, async (sizes, stream) => {
        const server = new Server();
        const runs = sizes.map((size, call) => server.call(call, size));
        const failed = new Set<number>();
        await server.clock.advance(0);
        while (server.requests.length > 0) {
          const { at, isOk } = stream.next().value;
          const chosen = at % server.requests.length;
          if (!isOk) failed.add(server.requests[chosen]?.call ?? -1);
          await server.answer(chosen, isOk);
        }
        await Promise.all(runs);
        for (const call of sizes.keys()) {
          expect(server.outcomes.get(call)).toBe(failed.has(call) ? 'refused' : 'done');
        }
        expect(server.mostInFlight).toBeLessThanOrEqual(LIMITS.inFlight);
        expect(server.mostInFlightOfCall).toBeLessThanOrEqual(LIMITS.inFlightOfCall);
      }),
      { numRuns: 60 },
    );
  });

  it('starts a waiting call after one turn of each other call', async () => {
    await fc.assert(
      fc.asyncProperty(calls, answers, async (sizes, stream) => {
        const server = new Server();
        for (const [call, size] of sizes.entries()) void server.call(call, size);
        const missing = [...sizes];
        const waits = new Map<number, number>();
        let seen = 0;
        await server.clock.advance(0);
        while (server.requests.length > 0) {
          await server.answer(stream.next().value.at % server.requests.length);
          for (const started of server.starts.slice(seen)) {
            for (const [call, wait] of waits) waits.set(call, wait + 1);
            waits.delete(started);
          }
          for (const started of server.starts.slice(seen)) {
            missing[started] = (missing[started] ?? 0) - 1;
          }
          seen = server.starts.length;
          for (const [call, left] of missing.entries()) {
            const mayStart = left > 0 && server.inFlightOf(call) < LIMITS.inFlightOfCall;
            if (mayStart && !waits.has(call)) waits.set(call, 0);
          }
          const turns = sizes.length * LIMITS.requestsOfTurn;
          for (const wait of waits.values()) expect(wait).toBeLessThanOrEqual(turns);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('RequestLimiter', () => {
  it('starts a small call at the next free slots, even if a large one waits', async () => {
    const server = new Server();
    for (const call of [0, 1, 2]) void server.call(call, 1_000);
    void server.call(3, 1);
    while (!server.starts.includes(3)) await server.answer(0);
    expect(server.starts.length).toBeLessThan(LIMITS.inFlight + 3 * LIMITS.requestsOfTurn);
  });

  it('starts no more requests of a failed call, and gives its slots to others', async () => {
    const server = new Server();
    const failing = server.call(0, 100);
    await server.answer(0, false);
    await failing;
    const other = server.call(1, 50);
    while (server.requests.length > 0) await server.answer(0);
    await other;
    expect(server.outcomes).toEqual(
      new Map([
        [0, 'refused'],
        [1, 'done'],
      ]),
    );
    expect(server.starts.filter((call) => call === 0)).toHaveLength(LIMITS.inFlightOfCall);
  });

  it('frees the slot of a request that throws before it is sent', async () => {
    const server = new Server();
    for (let call = 0; call < 3 * LIMITS.inFlight; call++) {
      const run = server.limiter.run(1, () => {
        throw new Error('busy');
      });
      await expect(run).rejects.toThrow('busy');
    }
    void server.call(0, 1);
    expect(server.starts).toEqual([0]);
  });
});

describe('rejections of RequestLimiter', () => {
  it('rejects a call if too many wait, and never one for its size', async () => {
    const server = new Server();
    const large = server.call(0, 10_000);
    for (let call = 1; call < 100; call++) void server.call(call, 1);
    await server.clock.advance(0);
    const rejected = [...server.outcomes].filter(([, how]) => how === 'too many calls wait');
    const started = LIMITS.inFlight - LIMITS.inFlightOfCall;
    expect(rejected).toHaveLength(99 - started - LIMITS.waitingCalls);
    while (server.requests.length > 0) await server.answer(0);
    await large;
    expect(server.outcomes.get(0)).toBe('done');
  });

  it('rejects a call that waited too long for a slot, and then has no timer', async () => {
    const server = new Server();
    for (let call = 0; call < 4; call++) void server.call(call, 20);
    const timers = jest.spyOn(server.clock, 'after');
    await server.clock.advance(LIMITS.waitMs / 2);
    expect(server.outcomes).toEqual(new Map());
    await server.clock.advance(LIMITS.waitMs);
    // The first two calls have four requests in flight each, so they do not wait; the others do.
    expect([...server.outcomes.keys()]).toEqual([2, 3]);
    expect(server.outcomes.get(3)).toBe('no slot in time');
    timers.mockClear();
    await server.clock.advance(10 * LIMITS.waitMs);
    expect(timers).not.toHaveBeenCalled();
  });

  it('rejects waiting and later calls once it is closed', async () => {
    const server = new Server();
    for (let call = 0; call < 4; call++) void server.call(call, 20);
    server.limiter.close();
    void server.call(4, 1);
    await server.clock.advance(0);
    expect([...server.outcomes.keys()].sort()).toEqual([2, 3, 4]);
  });
});
