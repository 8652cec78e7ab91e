import type { Channels } from './channels';
import type { Source, SourceOptions } from './source';
import { createTabs, type Message, type Tab } from './tabs';
import { tabsWithTaps } from './taps';
import type { Status } from './types';
import { unionOf } from './wants';

/** The tabs that share a stream, as one of them sees them. */
export interface Group {
  /** Says to the others what this tab wants now. */
  tell(isNew?: boolean): void;
  hide(isHidden: boolean): void;
  cut(): void;
}

/** Makes the source with which a tab leads. */
export type OpenSource = (options: Pick<SourceOptions, 'event' | 'status'>) => Source;

/** @param name the same for all tabs that may share a stream */
export function joinGroup(
  name: string,
  isShared: boolean,
  me: string,
  life: AbortSignal,
  channels: Channels,
  setStatus: (status: Status) => void,
  open: OpenSource,
): Group {
  const peers = new Map<string, Tab>();
  let isHidden = false;
  let status: Status | undefined;
  let source: Source | undefined;

  const show = (given: Status) => {
    status = given;
    setStatus(given);
  };

  /** As the leading tab, opens what all tabs want. */
  const direct = () => {
    const shown = [...peers.values()].some(([, , hidden]) => !hidden);
    source?.want(shown ? unionOf(Array.from(peers.values(), ([, wants]) => wants)) : {});
  };

  const tell = (isNew = false) => {
    const tab: Tab = [me, channels.wants(), isHidden];
    peers.set(me, tab);
    tabs.post('tab', tab, isNew);
    direct();
  };

  const meet = (tab: Tab, isNew: boolean) => {
    const [id, wants] = tab;
    const before = peers.get(id);
    peers.set(id, tab);
    if (!before) {
      tabs.whenGone(id, () => {
        peers.delete(id);
        channels.adopt(name + id);
        direct();
      });
    }
    if (isNew) tell();
    if (isNew && status && source)
      tabs.post('state', id, channels.events(), channels.lastId, status);
    for (const of in wants) if (!before?.[1][of] && channels.of(of).isPart) source?.rejoin(of);
    direct();
  };

  const receive = (message: Message) => {
    if (message[0] === 'tab') meet(message[1], message[2]);
    if (message[0] === 'event') channels.handle({ name: message[1], data: message[2] }, message[3]);
    if (message[0] === 'status') show(message[1]);
    if (message[0] === 'cut') source?.cut();
    if (message[0] === 'state' && message[1] === me) {
      channels.complete(message[2], message[3]);
      show(message[4]);
    }
  };

  const lead = (isLeading: boolean) => {
    source?.want({});
    source = undefined;
    if (!isLeading) return;
    source = open({
      event(event, data, id) {
        channels.handle({ name: event, data }, id);
        tabs.post('event', event, data, id);
      },
      status(given) {
        show(given);
        tabs.post('status', given);
      },
    });
    direct();
  };

  const mayTake = () => !source && !document.hidden && status?.state !== 'refused';
  const tabs = createTabs(isShared && name, me, life, receive, tell, lead, mayTake);
  for (const tab of tabsWithTaps(name)) tabs.whenGone(tab, () => channels.adopt(name + tab));

  return {
    tell,
    hide(isNow) {
      isHidden = isNow;
      tell();
    },
    cut() {
      source?.cut();
      tabs.post('cut');
    },
  };
}
