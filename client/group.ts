import type { Channels } from './channels';
import { dispatch, type Message, type Messages, type Tell } from './messages';
import type { Source } from './source';
import { createTabs } from './tabs';
import { tabsWithTaps } from './taps';
import type { Status } from './types';
import { NOTHING, unionOf, type Wants } from './wants';

/** The tabs that share a stream, as one of them sees them. */
export interface Group {
  /** Says to the others what this tab wants now. */
  tell(isNew?: boolean): void;
  hide(isHidden: boolean): void;
  cut(): void;
}

/**
 * @param name the same for all tabs that may share a stream
 * @param open makes the source with which this tab leads
 */
export function joinGroup(
  name: string,
  isShared: boolean,
  me: string,
  life: AbortSignal,
  channels: Channels,
  setStatus: (status: Status) => void,
  open: (tell: Tell) => Source,
): Group {
  const peers = new Map<string, Wants>();
  let isHidden = false;
  let status: Status = { state: 'connecting' };
  let source: Source | undefined;

  const show = (given: Status) => {
    status = given;
    setStatus(given);
  };

  /** As the leading tab, opens what all tabs want. */
  const direct = () => source?.want(unionOf([...peers.values()]));

  const tell = (isNew = false, isAway = isHidden) => {
    isHidden = isAway;
    // The others would take a tab that has no lock yet for one that has ended.
    if (life.aborted || (!isNew && !peers.has(me))) return;
    const wants = isHidden ? NOTHING : channels.wants();
    peers.set(me, wants);
    tabs.post('tab', me, wants, isNew);
    direct();
  };

  /** Takes over what a tab has not sent, once it has ended. */
  const outlive = (tab: string) =>
    tabs.whenGone(tab, () => {
      peers.delete(tab);
      channels.adopt(name + tab);
      direct();
    });

  const meet = (tab: string, wants: Wants, isNew: boolean) => {
    const { channels: had } = peers.get(tab) ?? NOTHING;
    if (!peers.has(tab)) outlive(tab);
    peers.set(tab, wants);
    if (isNew) tell();
    if (isNew && source) tabs.post('state', tab, channels.events(), channels.newestId, status);
    for (const each in wants.channels) {
      if (!(each in had) && channels.of(each).isKnown === false) source?.rejoin(each);
    }
    direct();
  };

  const receivers: Messages = {
    tab: meet,
    event: channels.handle,
    status: show,
    state(tab, events, lastId, given) {
      if (tab !== me) return;
      channels.complete(events, lastId);
      show(given);
    },
    cut: () => source?.cut(),
  };

  const receive = (message: Message) => dispatch(receivers, message);

  /**
   * What the others hear, this tab does as well. The source may end later than the life. Without
   * others nothing is posted, because each message costs a copy: a new tab gets the state.
   */
  const tellAll = (...message: Message) => {
    if (!life.aborted) receive(message);
    if (!life.aborted && peers.size > 1) tabs.post(...message);
  };

  const lead = (isLeading: boolean, isTaken?: boolean) => {
    // The other tab hears all that is posted when it wakes.
    if (isTaken) peers.set('', NOTHING);
    source?.want(NOTHING);
    source = isLeading ? open(tellAll) : undefined;
    direct();
  };

  const mayTake = () => !source && !document.hidden && status.state !== 'refused';
  const tabs = createTabs(isShared && name, me, life, receive, tell, lead, mayTake);
  for (const tab of tabsWithTaps(name)) outlive(tab);

  return {
    tell,
    hide: (isNow) => tell(false, isNow),
    cut: () => tellAll('cut'),
  };
}
