import type { Cooldowns } from '../adapters/cooldowns';
import type { RowStore } from '../adapters/row-store';
import type { Clock } from '../runtime/clock';
import type { Entropy } from '../runtime/entropy';
import { channelOf } from '../schemas/channels';
import { LikestreamError } from '../schemas/errors';
import type { LoggedType } from '../schemas/event-type';
import type { Facts } from '../schemas/facts';
import type { Acceptance, AcceptResult, NewEntry } from './acceptance';
import type { RecentIds } from './recent-ids';

export interface PaceOptions {
  readonly type: LoggedType;
  readonly acceptance: Pick<Acceptance, 'accept'>;
  readonly facts: Pick<Facts, 'slowModeMs'>;
  readonly cooldowns: Cooldowns;
  readonly store: Pick<RowStore, 'find'>;
  readonly recent: Pick<RecentIds, 'has'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly entropy: Pick<Entropy, 'timedId'>;
}

/** Accepts entries in slow mode: of each member at most one a channel in a time. */
export class Pace {
  constructor(private readonly options: PaceOptions) {}

  /**
   * As `Acceptance.accept`; in slow mode it rejects with `too_soon` if the member has written too
   * recently. An entry that is known, or is not accepted, does not count as written.
   */
  async accept(
    channelId: string,
    memberId: string,
    entries: readonly NewEntry[],
  ): Promise<AcceptResult[]> {
    const { acceptance, facts, type } = this.options;
    const channel = channelOf(type, channelId);
    const ms = facts.slowModeMs(channel);
    const [entry] = entries;
    if (ms === 0 || !entry) return acceptance.accept(channelId, memberId, entries);
    if (entries.length > 1) throw new LikestreamError('too_soon', 'one entry a request');
    const known = await this.known(channel, entry);
    if (known) return [known];
    return this.acceptPaced(channelId, memberId, entry, ms);
  }

  /** Also young ids are looked up: without it, a repeat at another process would be refused. */
  private async known(channel: string, { id }: NewEntry): Promise<AcceptResult | undefined> {
    const { recent, store } = this.options;
    if (id === undefined || recent.has(channel, id)) return undefined;
    const [entry] = await store.find(channel, [id]);
    return entry && { entry, isNew: false };
  }

  private async acceptPaced(
    channelId: string,
    memberId: string,
    given: NewEntry,
    ms: number,
  ): Promise<AcceptResult[]> {
    const { acceptance, clock, cooldowns, entropy, recent, type } = this.options;
    const channel = channelOf(type, channelId);
    const id = given.id ?? entropy.timedId(clock.now());
    const accept = () => acceptance.accept(channelId, memberId, [{ ...given, id }]);
    if (recent.has(channel, id)) return accept();
    const cooldown = { name: `${type.name}/${channel}/${memberId}`, holder: id };
    const waitMs = await cooldowns.begin(cooldown, ms);
    if (waitMs > 0) {
      const detail = `one entry of ${type.name} each ${ms / 1_000} s`;
      throw new LikestreamError('too_soon', detail, { retryAfterMs: waitMs });
    }
    try {
      return await accept();
    } catch (error) {
      await cooldowns.end(cooldown);
      throw error;
    }
  }
}
