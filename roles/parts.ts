import type { Directory, StateCache } from '../dispatchers/directory';
import type { Source } from '../dispatchers/source';
import type { StateStore } from '../dispatchers/states';
import type { Log } from '../producers/log';
import type { LikeStore } from '../producers/store';

/** What a process works on: all embedded, or all real. */
export interface Parts {
  readonly log: Log;
  /** The log as producers see it: it refuses likes while it is being drained. */
  readonly intake: Log;
  readonly likes: LikeStore;
  readonly states: StateStore;
  readonly directory: Directory;
  readonly cache: StateCache;
  /** A member of the consumer group. */
  readonly source: Source;
  /** Records of this member's partitions that it has not read yet; unknown in embedded mode. */
  readonly lag?: () => number;
  close(): Promise<void>;
}
