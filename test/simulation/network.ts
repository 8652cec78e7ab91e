import type { Clock } from '../../runtime/clock';
import { type ErrorCode, LikestreamError } from '../../schemas/errors';
import type { HeldCalls } from './held-calls';
import type { Seeded } from './seeded';
import type { Trace } from './trace';

const MAX_DELAY_MS = 3;
const MAX_BAD_DELAY_MS = 400;
const TIMEOUT_MS = 500;

/** A network that delays calls, loses them or their answers, and doubles them. */
export class Network {
  /** Each kind of fault affects one in this many calls; 0: none. */
  faultEvery = 0;

  constructor(
    private readonly clock: Clock,
    private readonly random: Seeded,
    private readonly trace?: Trace | undefined,
  ) {}

  /** An object across the network; all its methods are asynchronous. */
  to<T extends object>(target: () => T, timedOut: ErrorCode, held?: HeldCalls): T {
    const get =
      (_: object, name: string | symbol) =>
      (...args: unknown[]) =>
        this.call(timedOut, held?.delay() ?? 0, async () => {
          this.trace?.note('message', timedOut, args);
          const of = target();
          return Reflect.apply(Reflect.get(of, name) as () => unknown, of, args);
        });
    return new Proxy<T>(Object.create(null), { get });
  }

  private call(code: ErrorCode, heldMs: number, make: () => Promise<unknown>): Promise<unknown> {
    const isLost = this.strikes();
    const isUnanswered = this.strikes();
    const isDoubled = this.strikes();
    const slowness = this.strikes() ? MAX_BAD_DELAY_MS : MAX_DELAY_MS;
    const delay = heldMs + this.random.below(slowness);
    return new Promise((resolve, reject) => {
      const timer = this.clock.after(TIMEOUT_MS, () =>
        reject(new LikestreamError(code, 'no answer')),
      );
      const answer = (how: (value: never) => void) => (value: unknown) => {
        if (isUnanswered) return;
        timer.cancel();
        how(value as never);
      };
      if (isLost) return;
      this.clock.after(delay, () => void make().then(answer(resolve), answer(reject)));
      if (!isDoubled) return;
      this.clock.after(
        this.random.below(MAX_BAD_DELAY_MS),
        () => void make().catch(() => undefined),
      );
    });
  }

  private strikes(): boolean {
    return this.faultEvery > 0 && this.random.once(this.faultEvery);
  }
}
