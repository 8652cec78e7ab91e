import { type Channel, createChannel } from './channel';
import { type ChannelEvent, isChannelEvent, type StreamEvent } from './events';
import type { Send } from './send';
import { soon } from './soon';
import { saveTaps, takeTaps } from './taps';
import { unionOf, type Wants } from './wants';

/** The channels of a tab. */
export interface Channels {
  /** The newest id of the stream. */
  newestId: string;
  /** Under which key the likes of this tab are kept for a later page. */
  key: string;
  of(name: string): Channel;
  /** What the handlers want. */
  wants(): Wants;
  /** An event of the stream. */
  handle(event: StreamEvent, id?: string): void;
  /** Fills the channels whose state is not known, with those of another tab. */
  complete(events: readonly ChannelEvent[], id: string): void;
  /** The page was away: the states are old. */
  age(): void;
  /** The newest states, for another tab. */
  events(): ChannelEvent[];
  /** Sends the likes that were kept under a key. */
  adopt(key: string): void;
}

export function createChannels(send: Send): Channels {
  const all = new Map<string, Channel>();

  const save = soon(() => {
    const taps = [...all].flatMap(([name, { pending }]) => {
      return pending().map(({ likeId, reaction }) => [name, likeId, reaction] as const);
    });
    saveTaps(channels.key, taps);
  });

  const channels: Channels = {
    newestId: '',
    key: '',
    of(name) {
      const channel = all.get(name) ?? createChannel(name, send, save);
      all.set(name, channel);
      return channel;
    },
    wants: () => unionOf([...all.values()].map((channel) => channel.wants())),
    handle(event, id = channels.newestId) {
      channels.newestId = id;
      if (isChannelEvent(event)) channels.of(event.data.channel).apply(event);
      else if (event.name === 'ready') {
        for (const { handlers } of all.values()) for (const each of handlers) each.ready?.();
      }
    },
    complete(events, id) {
      const unknown = events.filter(({ data }) => !channels.of(data.channel).isKnown);
      for (const event of unknown) channels.handle(event, id);
      channels.newestId = id;
    },
    age() {
      for (const channel of all.values()) channel.isKnown = false;
    },
    events: () => [...all.values()].flatMap(({ held }) => [...held.values()]),
    adopt(key) {
      for (const [name, likeId, reaction] of takeTaps(key)) {
        void channels.of(name).add(likeId, reaction, true);
      }
    },
  };
  return channels;
}
