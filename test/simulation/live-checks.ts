import { z } from 'zod';
import type { Clock } from '../../runtime/clock';
import { CONVERSATION } from './people';

const event = z.looseObject({
  channel: z.string().optional(),
  viewers: z.int().optional(),
  online: z.boolean().optional(),
  memberId: z.string().optional(),
  active: z.boolean().optional(),
  typing: z.array(z.string()).optional(),
});

export interface LiveChecksOptions {
  /** The viewer's member. */
  readonly memberId: string;
  /** Called with each violation of the promise. */
  readonly violation: (what: string) => void;
  /** Called when the viewer is shown that a member is offline. */
  readonly shownOffline: (memberId: string) => void;
  /**
   * Called when the viewer is shown that a member is typing; `openMs`: since when the stream shows
   * the conversation.
   */
  readonly shownTyping: (memberId: string, openMs: number) => void;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** What the present stream of one viewer has shown of leased feeds and of moments. */
export class LiveChecks {
  /** By video's channel, the number of viewers. */
  readonly counts = new Map<string, number>();
  /** By member's channel, whether the member is online. */
  readonly online = new Map<string, boolean>();
  /** The members who are shown as typing. */
  readonly typing = new Set<string>();
  /** When the stream first showed the conversation; monotonic ms. */
  private openedAt: number | undefined;

  constructor(private readonly options: LiveChecksOptions) {}

  /** Forgets what earlier streams have shown. */
  begin(): void {
    this.counts.clear();
    this.online.clear();
    this.endTyping();
  }

  /** Forgets what was shown of a channel that its stream has left. */
  leave(channel: string): void {
    this.counts.delete(channel);
    this.online.delete(channel);
    if (channel === CONVERSATION) this.endTyping();
  }

  /** Checks an event by its name and data. */
  check(name: string, text: string): void {
    const { active, channel, memberId, online, typing, viewers } = event.parse(JSON.parse(text));
    if (channel === undefined) return;
    if (channel === CONVERSATION) this.openedAt ??= this.options.clock.monotonic();
    if (viewers !== undefined) this.showCount(channel, viewers);
    if (online !== undefined) this.showPresence(channel, online);
    if (typing) this.typing.clear();
    for (const id of typing ?? []) this.showTyping(id, true);
    if (name === 'typing') this.showTyping(memberId ?? '', active ?? false);
  }

  private showCount(channel: string, viewers: number): void {
    this.counts.set(channel, viewers);
    if (viewers < 0) this.options.violation(`${channel} has ${viewers} viewers`);
  }

  private showPresence(channel: string, online: boolean): void {
    this.online.set(channel, online);
    if (!online) this.options.shownOffline(channel.slice(channel.indexOf(':') + 1));
  }

  private showTyping(memberId: string, active: boolean): void {
    const { clock, memberId: own, shownTyping, violation } = this.options;
    if (memberId === own) violation(`${own} is shown that it is typing itself`);
    if (!active) this.typing.delete(memberId);
    else {
      this.typing.add(memberId);
      const now = clock.monotonic();
      shownTyping(memberId, now - (this.openedAt ?? now));
    }
  }

  private endTyping(): void {
    this.typing.clear();
    this.openedAt = undefined;
  }
}
