import type { EmbeddedGroup } from '../../adapters/embedded/group';
import { LikestreamError } from '../../schemas/errors';
import type { SimulatedLog } from './simulated-log';

/**
 * Wraps the log and the group for a consumer that can crash while its process runs on. It then
 * reads nothing. If it does not send heartbeats either, others take its partitions over while it
 * still acts as their owner.
 */
export class ConsumerSwitch {
  private reads = true;
  private beats = true;

  crash(beats: boolean): void {
    this.reads = false;
    this.beats = beats;
  }

  restart(): void {
    this.reads = true;
    this.beats = true;
  }

  /** The log, which cannot be read while the consumer is down. */
  log(log: SimulatedLog): SimulatedLog {
    return intercept(log, 'read', (read, args) => {
      if (!this.reads) throw new LikestreamError('log_unavailable', 'the consumer has crashed');
      return read(...args);
    });
  }

  /** The group, which gets no calls while the consumer sends no heartbeats. */
  group(group: EmbeddedGroup): EmbeddedGroup {
    let owned: unknown = [];
    return intercept(group, 'beat', (beat, args) => {
      if (this.beats) owned = beat(...args);
      return owned;
    });
  }
}

function intercept<Target extends object>(
  target: Target,
  name: string,
  instead: (method: (...args: unknown[]) => unknown, args: unknown[]) => unknown,
): Target {
  return new Proxy(target, {
    get: (of, key) => {
      const member: unknown = Reflect.get(of, key);
      if (typeof member !== 'function') return member;
      const method = (...args: unknown[]): unknown => Reflect.apply(member, of, args);
      return key === name ? (...args: unknown[]) => instead(method, args) : method;
    },
  });
}
