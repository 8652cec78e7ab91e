import type { Contributions } from '../../adapters/contributions';
import { bucketOf } from '../../schemas/digest';
import type { ImagedContributions } from './imaged-contributions';

/** Finds values of workers that return after they were removed: ghosts. */
export class Ghosts {
  /** A line for each ghost. */
  readonly found: string[] = [];
  /** By contributor and bucket, the last beat at which its values were removed. */
  private readonly removedAt = new Map<string, number>();

  /** Redis has other data now, and perhaps forgot whom it had removed. */
  forget(): void {
    this.removedAt.clear();
  }

  /** The same contributions, whose reports are checked. */
  watch(whole: ImagedContributions): Contributions {
    return {
      held: (...args) => whole.held(...args),
      read: (...args) => whole.read(...args),
      remove: (...args) => {
        const [contributor, beat, , bucket] = args;
        const name = `${contributor}/${bucket}`;
        this.removedAt.set(name, Math.max(beat, this.removedAt.get(name) ?? beat));
        return whole.remove(...args);
      },
      report: (...args) => {
        const [contributor, beat] = args;
        const before = whole.feedsOf(contributor);
        // Writes at once, and resolves later.
        const answer = whole.report(...args);
        for (const [name, { channel }] of whole.feedsOf(contributor)) {
          const removedAt = this.removedAt.get(`${contributor}/${bucketOf(channel)}`);
          if (before.has(name) || removedAt === undefined || beat > removedAt) continue;
          this.found.push(`a removed worker has a value of ${name} again`);
        }
        return answer;
      },
    };
  }
}
