import type { Logger } from '../runtime/log-lines';

/** The name of the consumer groups among the unavailable servers. */
const GROUP = 'group';

export interface GroupReadinessOptions {
  /** The names of servers that are unavailable now. */
  readonly unavailable: Set<string>;
  readonly log: Pick<Logger, 'info'>;
}

/** Makes a process ready only while it is in the consumer groups of all types that it reads. */
export class GroupReadiness {
  /** The types whose groups this process is not in. */
  private readonly outside = new Set<string>();

  constructor(private readonly options: GroupReadinessOptions) {}

  /** Notes whether this process is in the group of an event type. */
  set(type: string, isMember: boolean): void {
    const { log, unavailable } = this.options;
    if (isMember) this.outside.delete(type);
    else this.outside.add(type);
    if (this.outside.size > 0) unavailable.add(GROUP);
    else unavailable.delete(GROUP);
    log.info({ type, isMember }, 'membership of the consumer group changed');
  }
}
