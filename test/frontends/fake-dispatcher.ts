import { Memberships } from '../../frontends/memberships';
import type { Subscriptions } from '../../frontends/subscriptions';
import type { Joined, Membership, Renewal } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import type { Vector } from '../../schemas/state';
import { VirtualClock } from '../simulation/virtual-clock';

/** A dispatcher that remembers what is asked of it; the test says what it answers. */
export class FakeDispatcher implements Subscriptions {
  readonly renewals: Renewal[] = [];
  readonly changes: Membership[] = [];
  readonly states = new Map<string, Vector>();
  unequal: number[] = [];
  away = false;
  /** What a change waits for. */
  until: Promise<void> = Promise.resolve();

  async renew(renewal: Renewal) {
    this.renewals.push(renewal);
    if (this.away) throw new LikestreamError('peer_unavailable');
    return { unequal: this.unequal };
  }

  async change(change: Membership): Promise<Joined> {
    this.changes.push(change);
    await this.until;
    if (this.away) throw new LikestreamError('peer_unavailable');
    const states = change.join.map((channel) => ({
      channel,
      vector: this.states.get(channel) ?? {},
    }));
    return { states };
  }

  /** Each change as `+joined -left`. */
  get asked(): string[] {
    return this.changes.map(({ join, leave }) =>
      [...join.map((channel) => `+${channel}`), ...leave.map((channel) => `-${channel}`)].join(' '),
    );
  }
}

/** What a worker watches, on a dispatcher that the test holds. */
export async function watching() {
  const clock = new VirtualClock();
  const dispatcher = new FakeDispatcher();
  const held = new Map<string, Vector>();
  const failures: string[] = [];
  const memberships = new Memberships({
    worker: { id: 'worker-1', url: 'http://127.0.0.1:1' },
    subscriptions: dispatcher,
    clock,
    held: () => held,
    learned: (channel, vector) => {
      if (held.has(channel)) held.set(channel, vector);
    },
    released: (channel) => held.delete(channel),
    failed: (doing) => failures.push(doing),
  });
  await memberships.start();
  const want = (channel: string): void => {
    const isNew = !held.has(channel);
    if (isNew) held.set(channel, {});
    memberships.want(channel, isNew);
  };
  return { clock, dispatcher, failures, held, memberships, want };
}
