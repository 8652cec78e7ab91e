import type { Subscriptions } from '../../adapters/subscriptions';
import { Memberships, SEND_GAP_MS } from '../../frontends/memberships';
import {
  bucketOf,
  digestOf,
  type Joined,
  type Membership,
  type Renewal,
} from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import type { Vector } from '../../schemas/state';
import { VirtualClock } from '../simulation/virtual-clock';

/** A dispatcher that records its requests; the test sets its answers. */
export class FakeDispatcher implements Subscriptions {
  readonly renewals: Renewal[] = [];
  readonly changes: Membership[] = [];
  readonly states = new Map<string, Vector>();
  /** Channels whose states are left out of answers. */
  readonly left = new Set<string>();
  unequal: number[] = [];
  isUnavailable = false;
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
      vector: this.states.get(channel) ?? {},
    }));
    const left = change.join.filter((channel) => this.left.has(channel));
    return left.length > 0 ? { states, left } : { states };
  }

  /** Each request as `+joined -left`. */
  get requested(): string[] {
    return this.changes.map(({ join, leave }) =>
      [...join.map((channel) => `+${channel}`), ...leave.map((channel) => `-${channel}`)].join(' '),
    );
  }
}

/** A worker's memberships, with a fake dispatcher. */
export async function watching() {
  const clock = new VirtualClock();
  const dispatcher = new FakeDispatcher();
  const held = new Map<string, Vector>();
  const failures: string[] = [];
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
    received: (channel, vector) => {
      if (held.has(channel)) held.set(channel, vector);
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
  return { clock, dispatcher, failures, held, memberships, sent, watch };
}
