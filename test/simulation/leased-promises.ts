import type { Crowd } from './crowd';
import type { Datacenters } from './datacenters';
import { CONVERSATION, MEMBERS, presenceOf } from './people';
import { settle } from './settle';
import { channelOf, VIDEOS } from './videos';
import type { SimulatedViewer } from './viewer';

/**
 * A value that a peer's lost dispatcher did not withdraw is withdrawn within this time: 120 s after
 * the peer's last failed repetition, 60 s without one of this value, and a sweep of 48 s.
 */
const PEERS_SWEEP_MS = 240_000;
const STEP_MS = 5_000;

/** Checks at rest that each viewer was sent the number of open streams. */
export async function wrongCounts(all: Datacenters, crowd: Crowd): Promise<string[]> {
  const isRight = await withinSweep(all, crowd, () => countsIn(crowd).length === 0);
  return isRight ? [] : countsIn(crowd);
}

/**
 * Checks at rest, a grace later, that each viewer was sent which members have streams, and
 * shows no typing any more.
 */
export async function wrongPresence(all: Datacenters, crowd: Crowd): Promise<string[]> {
  const isRight = await withinSweep(all, crowd, () => presenceIn(crowd).length === 0);
  return [...(isRight ? [] : presenceIn(crowd)), ...typingIn(crowd)];
}

/**
 * Whether something is or becomes true: once the viewers have settled, or with other datacenters
 * after a sweep at the latest.
 */
async function withinSweep(all: Datacenters, crowd: Crowd, isTrue: () => boolean) {
  const { clock, links } = all;
  await settle(all, crowd, isTrue);
  const maxMs = links.length > 0 ? PEERS_SWEEP_MS : 0;
  for (let ms = 0; ms < maxMs && !isTrue(); ms += STEP_MS) await clock.advance(STEP_MS);
  return isTrue();
}

function countsIn({ viewers }: Crowd): string[] {
  const wrong: string[] = [];
  for (const channel of VIDEOS.map(channelOf)) {
    const open = viewers.filter((viewer) => viewer.watches(channel));
    for (const [at, viewer] of asking(viewers, 'viewers', channel)) {
      const shown = viewer.live.counts.get(channel);
      if (shown === open.length) continue;
      wrong.push(`viewer-${at} was sent ${shown} viewers of ${channel}, there are ${open.length}`);
    }
  }
  return wrong;
}

function presenceIn({ viewers }: Crowd): string[] {
  const wrong: string[] = [];
  const online = new Set(viewers.filter(({ stream }) => stream).map(({ memberId }) => memberId));
  for (const member of MEMBERS) {
    const channel = presenceOf(member);
    for (const [at, viewer] of asking(viewers, 'presence', channel)) {
      const shown = viewer.live.online.get(channel);
      if (shown === online.has(member)) continue;
      wrong.push(`viewer-${at} was sent online ${shown} of ${member}, not ${online.has(member)}`);
    }
  }
  return wrong;
}

function typingIn({ viewers }: Crowd): string[] {
  return viewers.flatMap((viewer, at) => {
    const shown = viewer.watches(CONVERSATION) ? [...viewer.live.typing] : [];
    return shown.length > 0 ? [`viewer-${at} shows that ${shown} are still typing`] : [];
  });
}

function asking(viewers: readonly SimulatedViewer[], type: string, channel: string) {
  return [...viewers.entries()].filter(([, viewer]) => {
    return viewer.watches(channel) && viewer.asksFor(type);
  });
}
