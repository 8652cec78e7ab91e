import type { Subscriptions } from '../../adapters/subscriptions';
import type { Answer } from '../../frontends/channels/channel';
import { Memberships, SEND_GAP_MS } from '../../frontends/memberships';
import {
  bucketOf,
  digestOf,
  type Joined,
  type Membership,
  type Renewal,
} from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import type { Feeds, Vector } from '../../schemas/state';
import { VirtualClock } from '../simulation/virtual-clock';

/** A dispatcher that records its requests; the test sets its answers. */
export class FakeDispatcher implements Subscriptions {
  readonly renewals: Renewal[] = [];
  readonly changes: Membership[] = [];
  readonly states = new Map<string, Feeds>();
  /** Channels whose states are left out of answers. */
  readonly left = new Set<string>();
  /** Channels whose saved states could not be read. */
  readonly partial = new Set<string>();
  unequal: number[] = [];
  isUnavailable = false;
  /** Whether answers say that what was reported is not published yet. */
  isHeld = false;
  /** A change is answered after this. */
  until: Promise<void> = Promise.resolve();

  async renew(renewal: Renewal) {
    this.renewals.push(renewal);
    if (this.isUnavailable) throw new LikestreamError('peer_unavailable');
    return { unequal: this.unequal };
  }

  async change(change: Membership): Promise<Joined> {
    this.changes.push(change);
    await this.until;
    if (this.isUnavailable) throw new LikestreamError('peer_unavailable');
    const answered = change.join.filter((channel) => !this.left.has(channel));
    const states = answered.map((channel) => ({
      channel,
      feeds: copyOf(this.states.get(channel) ?? {}),
    }));
    const isLeft = (channel: string) => this.left.has(channel) || this.partial.has(channel);
    const left = change.join.filter(isLeft);
    return { states, ...(left.length > 0 && { left }), ...(this.isHeld && { isHeld: true }) };
  }

  /** Each request as `+joined -left`. */
  get requested(): string[] {
    return this.changes.map(({ join, leave }) =>
      [...join.map((channel) => `+${channel}`), ...leave.map((channel) => `-${channel}`)].join(' '),
    );
  }
}

/** The feeds as an answer has them, which its receiver may change. */
function copyOf(feeds: Feeds): Joined['states'][number]['feeds'] {
  return Object.fromEntries(Object.entries(feeds).map(([type, of]) => [type, { ...of }]));
}

/** The feeds of a channel that has likes only. */
export function likesIn(vector: Vector): Feeds {
  return { likes: vector };
}

/** A worker's memberships, with a fake dispatcher. */
export async function watching() {
  const clock = new VirtualClock();
  const dispatcher = new FakeDispatcher();
  const held = new Map<string, Feeds>();
  const failures: string[] = [];
  const answers: [string, Answer][] = [];
  const buckets = new Map<string, number>();
  const bucketOfHeld = (channel: string): number => {
    const bucket = buckets.get(channel) ?? bucketOf(channel);
    buckets.set(channel, bucket);
    return bucket;
  };
  const memberships = new Memberships({
    worker: { id: 'worker-1', url: 'http://127.0.0.1:1' },
    subscriptions: dispatcher,
    clock,
    digest: () => digestOf(held),
    inBucket: (bucket) => [...held.keys()].filter((channel) => bucketOfHeld(channel) === bucket),
    received: (channel, feeds, answer) => {
      answers.push([channel, answer]);
      if (feeds.invalid) throw new Error('not valid');
      if (held.has(channel)) held.set(channel, feeds);
    },
    released: (channel) => held.delete(channel),
    failed: (doing) => failures.push(doing),
  });
  await memberships.start();
  const watch = (channel: string): void => {
    const isNew = !held.has(channel);
    if (isNew) held.set(channel, {});
    memberships.watch(channel, isNew);
  };
  /** Runs until all due requests are answered. */
  const sent = (): Promise<void> => clock.advance(SEND_GAP_MS);
  return { answers, clock, dispatcher, failures, held, memberships, sent, watch };
}
