import type { Heartbeat, MomentReceiver, Moments, ReceivedMoment } from '../../adapters/moments';
import type { Moment } from '../../schemas/moment';
import { freshId, type Time } from './time';

/** A log of moments. */
export interface MomentsFixture {
  readonly datacenter: string;
  readonly time: Time;
  /** Another process of this datacenter, which is a producer, a dispatcher or both. */
  readonly open: () => Moments;
}

/** Keeps what it receives; rejects while `isBroken`. */
export class RecordingReceiver implements MomentReceiver {
  readonly received: ReceivedMoment[] = [];
  readonly heartbeats: [string, Heartbeat][] = [];
  isBroken = false;
  repeatsAll = true;

  async moments(received: readonly ReceivedMoment[]): Promise<void> {
    if (this.isBroken) throw new Error('broken');
    this.received.push(...received);
  }

  async heartbeat(datacenter: string, heartbeat: Heartbeat): Promise<void> {
    this.heartbeats.push([datacenter, heartbeat]);
  }

  /** The values of one channel. */
  valuesOf(channel: string): unknown[] {
    return this.received.flatMap((each) => (each.channel === channel ? [each.value] : []));
  }
}

/** A moment of ann. */
export function moment(channel: string, value: unknown): Moment {
  return { channel, type: 'typing', memberId: 'ann', value };
}

/** Tests that all logs of moments pass. */
export function describeMomentsContract(name: string, use: () => Promise<MomentsFixture>): void {
  describe(`moments, ${name}`, () => {
    const site = new Site(use);
    beforeEach(() => site.open());
    afterEach(() => site.close());
    describeReceiving(site);
    describeEnds(site);
  });
}

/** The processes of one test. */
class Site {
  private opened: Moments[] = [];
  private current: MomentsFixture | undefined;

  constructor(private readonly use: () => Promise<MomentsFixture>) {}

  async open(): Promise<void> {
    this.current = await this.use();
  }

  async close(): Promise<void> {
    for (const moments of this.opened) await this.time.finish(moments.stop());
    this.opened = [];
  }

  get fixture(): MomentsFixture {
    if (!this.current) throw new Error('not open');
    return this.current;
  }

  get time(): Time {
    return this.fixture.time;
  }

  /** A dispatcher that has received its first moment, so it reads all that follow. */
  async dispatcher() {
    const [moments, receiver] = [this.fixture.open(), new RecordingReceiver()];
    this.opened.push(moments);
    await this.time.finish(moments.start(receiver));
    const channel = `conversation:${freshId()}`;
    await this.time.eventually(async () => {
      await this.time.finish(moments.send([moment(channel, 'first')]));
      expect(receiver.valuesOf(channel)).not.toEqual([]);
    });
    const send = (...some: readonly Moment[]) => this.time.finish(moments.send(some));
    await send(moment(channel, 'last'));
    await this.time.eventually(() => expect(receiver.valuesOf(channel).at(-1)).toBe('last'));
    return { moments, receiver, send };
  }
}

function describeReceiving(site: Site): void {
  it('brings each moment to a dispatcher, in the order of its channel', async () => {
    const { receiver, send } = await site.dispatcher();
    const channel = `conversation:${freshId()}`;
    for (const value of [1, 2]) await send(moment(channel, value));
    await send(moment(channel, 3), moment('conversation:b', 'x'), moment(channel, 4));
    await site.time.eventually(() => expect(receiver.valuesOf(channel)).toEqual([1, 2, 3, 4]));
    const ours = receiver.received.filter((each) => each.channel === channel);
    const offsets = ours.map(({ offset }) => offset);
    expect(offsets).toEqual([...offsets].sort((one, other) => one - other));
    expect(new Set(offsets).size).toBe(4);
    expect(ours[0]).toEqual({
      ...moment(channel, 1),
      datacenter: site.fixture.datacenter,
      offset: expect.any(Number),
      appendedAt: expect.any(Number),
      sending: { by: expect.any(String), ms: expect.any(Number), t: expect.any(Number) },
    });
  });

  it('carries values of leased feeds, and feeds without a value', async () => {
    const { receiver, send } = await site.dispatcher();
    const channel = `video:${freshId()}`;
    const value = { channel, type: 'viewers', version: 7, life: 'a', value: { streams: 3 } };
    const none = { channel, type: 'viewers', version: 8, life: 'a' };
    await send(value, none);
    await site.time.eventually(() =>
      expect(receiver.received.slice(-2)).toMatchObject([value, none]),
    );
    expect(receiver.received.at(-1)).not.toHaveProperty('value');
  });
}

function describeEnds(site: Site): void {
  it('continues after the receiver has failed', async () => {
    const { receiver, send } = await site.dispatcher();
    const channel = `conversation:${freshId()}`;
    receiver.isBroken = true;
    await send(moment(channel, 1));
    await site.time.pass(1_000);
    receiver.isBroken = false;
    await send(moment(channel, 2));
    await site.time.eventually(() => expect(receiver.valuesOf(channel)).toEqual([2]));
  });

  it('sends nothing if there is nothing to send, and without peers no heartbeat', async () => {
    const { receiver, send } = await site.dispatcher();
    const before = receiver.received.length;
    await send();
    await site.time.pass(2_000);
    expect(receiver.received).toHaveLength(before);
    expect(receiver.heartbeats).toEqual([]);
  });

  it('receives nothing after its end', async () => {
    const { moments, receiver, send } = await site.dispatcher();
    await site.time.finish(moments.stop());
    const before = receiver.received.length;
    await send(moment('conversation:a', 1));
    await site.time.pass(500);
    expect(receiver.received).toHaveLength(before);
  });
}
