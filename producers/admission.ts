import type { Clock } from '../runtime/clock';
import { channelOf } from '../schemas/channels';
import { LikestreamError } from '../schemas/errors';
import type { LoggedType } from '../schemas/event-type';
import type { Acceptance, AcceptResult, NewEntry } from './acceptance';
import type { NewestStates } from './newest-states';
import { IN_FLIGHT, UnfoldedEntries, type UnfoldedEntry } from './unfolded-entries';

export interface AdmissionOptions {
  readonly type: LoggedType;
  /** The origin of the log, `dc1.1`. */
  readonly origin: string;
  readonly acceptance: Pick<Acceptance, 'accept'>;
  readonly states: Pick<NewestStates, 'load'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Accepts entries over which the type's policy decides by the newest state: one a request. */
export class Admission {
  private readonly unfolded: UnfoldedEntries;
  /** The appends in flight; the queue of writes bounds them. */
  private readonly appends = new Set<Promise<AcceptResult>>();

  constructor(private readonly options: AdmissionOptions) {
    this.unfolded = new UnfoldedEntries(options);
  }

  /**
   * As `Acceptance.accept`. Also rejects with the policy's error if there is no room for the entry.
   * If an entry that is there already stays, the result is that one, and nothing is appended.
   */
  async accept(
    channelId: string,
    memberId: string,
    entries: readonly NewEntry[],
  ): Promise<AcceptResult[]> {
    const { states, type } = this.options;
    const { policy } = type;
    const [given, second] = entries;
    if (!given || second || !policy.admit) {
      throw new LikestreamError('internal', `${type.name} takes one entry a request`);
    }
    const channel = channelOf(type, channelId);
    const newest = await states.load(channel, type.name);
    for (;;) {
      const known = this.unfolded.over(channel, newest);
      const admitted = policy.admit(known, { memberId, body: given.body });
      if ('body' in admitted) return [await this.append(channelId, memberId, admitted.body)];
      const { kept } = admitted;
      if (offsetIn(kept.place) < IN_FLIGHT) return [{ entry: { id: '', ...kept }, isNew: false }];
      // The entry that stays is not in the log yet, and may never be.
      await Promise.allSettled([...this.appends]);
    }
  }

  /** Synchronous until the append, so that the next request is decided over with this entry. */
  private append(channelId: string, memberId: string, body: unknown): Promise<AcceptResult> {
    const channel = channelOf(this.options.type, channelId);
    const at = this.options.clock.now();
    const unfolded = this.unfolded.add(channel, { id: '', memberId, at, body });
    const append = this.appendUnfolded(channelId, unfolded);
    this.appends.add(append);
    const end = (): void => void this.appends.delete(append);
    append.then(end, () => {
      // It may be in the log all the same; then the owner folds it.
      this.unfolded.remove(channel, unfolded);
      end();
    });
    return append;
  }

  private async appendUnfolded(channelId: string, unfolded: UnfoldedEntry): Promise<AcceptResult> {
    const { body, memberId } = unfolded.entry;
    const [result] = await this.options.acceptance.accept(channelId, memberId, [{ body }]);
    if (!result) throw new LikestreamError('internal', 'the entry has no result');
    unfolded.entry = result.entry;
    unfolded.offset = offsetIn(result.entry.place);
    return result;
  }
}

function offsetIn(place: string): number {
  return Number(place.slice(place.indexOf('@') + 1));
}
