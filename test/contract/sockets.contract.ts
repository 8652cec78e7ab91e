import { setTimeout as sleep } from 'node:timers/promises';
import { RawViewer } from './raw-viewer';
import { describeCrowds } from './sockets-crowd.contract';
import { describeDescriptors, describeEnd } from './sockets-descriptors.contract';
import { describeGone, describeStrangePeers } from './sockets-peers.contract';
import {
  adoptedOf,
  BYE,
  type Connect,
  FRAME,
  fill,
  LARGE,
  type SocketsFixture,
  type Use,
} from './sockets-support';
import { realTime } from './time';

/** Not a divisor of any buffer size, so frames are cut at every offset. */
const ODD_BYTES = 10_007;

/** The contract of all viewer sockets. */
export function describeSocketsContract(name: string, open: () => Promise<SocketsFixture>): void {
  describe(`the viewers' sockets: ${name}`, () => {
    let fixture: SocketsFixture;
    const clients: RawViewer[] = [];
    const raw = (text?: string): RawViewer => {
      const client = new RawViewer(fixture.port, text);
      clients.push(client);
      return client;
    };
    const connect: Connect = async () => {
      const client = raw();
      const viewer = await adoptedOf(fixture, client);
      await realTime.eventually(() => expect(client.head).toBeDefined());
      return { viewer, client };
    };
    beforeEach(async () => {
      fixture = await open();
    });
    afterEach(async () => {
      for (const client of clients.splice(0)) client.destroy();
      await fixture.close();
    });

    const use: Use = () => ({ fixture, connect, raw });
    describeSending(use);
    describeFull(use);
    describeClosing(use);
    describeGone(use);
    describeStrangePeers(use);
    describeDescriptors(use);
    describeEnd(use);
    describeCrowds(use);
  });
}

function describeSending(use: Use): void {
  it('sends the head of an event stream, and only frames after it', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect();
    expect(client.head).toMatch(/^HTTP\/1\.1 200 /);
    expect(client.head).toMatch(/^content-type: text\/event-stream/im);
    expect(client.head).toMatch(/^cache-control: .*no-cache/im);
    expect(client.head).not.toMatch(/^(transfer-encoding|content-length|content-encoding):/im);
    expect(fixture.sockets.send(Int32Array.of(viewer), FRAME)).toEqual([]);
    await realTime.eventually(() => expect(client.body).toEqual(FRAME));
  });

  it('sends the same bytes to each viewer, whole and in order', async () => {
    const { connect, fixture } = use();
    const viewers = [await connect(), await connect(), await connect()];
    const frames = Array.from({ length: 200 }, (_, at) => Buffer.from(`data: ${at}\n\n`));
    const numbers = Int32Array.from(viewers, ({ viewer }) => viewer);
    for (const frame of frames) expect(fixture.sockets.send(numbers, frame)).toEqual([]);
    for (const { client } of viewers) {
      await realTime.eventually(() => expect(client.body).toEqual(Buffer.concat(frames)));
    }
  });

  it('sends only to the given viewers', async () => {
    const { connect, fixture } = use();
    const [one, other] = [await connect(), await connect()];
    fixture.sockets.send(Int32Array.of(one.viewer), FRAME);
    fixture.sockets.send(Int32Array.of(other.viewer), BYE);
    fixture.sockets.send(Int32Array.of(), LARGE);
    await realTime.eventually(() => expect(one.client.body).toEqual(FRAME));
    await realTime.eventually(() => expect(other.client.body).toEqual(BYE));
  });

  it('sends a frame that is larger than a socket’s buffer', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect();
    const huge = Buffer.alloc(3_000_000, 'y');
    expect(fixture.sockets.send(Int32Array.of(viewer), huge)).toEqual([]);
    await realTime.eventually(() => expect(client.body.length).toBe(huge.length));
    expect(client.body.equals(huge)).toBe(true);
  });

  it('assigns a different number to each viewer', async () => {
    const { connect } = use();
    const viewers = [await connect(), await connect(), await connect()];
    expect(new Set(viewers.map(({ viewer }) => viewer)).size).toBe(3);
  });

  it('ignores a number that no viewer has', () => {
    const { fixture } = use();
    expect(fixture.sockets.send(Int32Array.of(123_456), FRAME)).toEqual([]);
    expect(() => fixture.sockets.close(123_456, BYE)).not.toThrow();
  });
}

function describeFull(use: Use): void {
  it('returns a viewer that never reads as full, and does not delay others', async () => {
    const { connect, fixture } = use();
    const [slow, quick] = [await connect(), await connect()];
    slow.client.pause();
    const taken = await fill(fixture, slow.viewer, [quick.viewer]);
    expect(fixture.sockets.send(Int32Array.of(slow.viewer, quick.viewer), FRAME)).toEqual([
      slow.viewer,
    ]);
    const sent = (taken + 1) * LARGE.length + FRAME.length;
    await realTime.eventually(() => expect(quick.client.body.length).toBe(sent));
    expect(fixture.drained).toEqual([]);
  });

  it('emits `drained` once, and then sends to the viewer again', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect();
    client.pause();
    const taken = await fill(fixture, viewer);
    client.resume();
    await realTime.eventually(() => expect(fixture.drained).toEqual([viewer]));
    expect(fixture.sockets.send(Int32Array.of(viewer), FRAME)).toEqual([]);
    const whole = Buffer.concat([...new Array<Buffer>(taken).fill(LARGE), FRAME]);
    await realTime.eventually(() => expect(client.body.length).toBe(whole.length));
    expect(client.body.equals(whole)).toBe(true);
    expect(fixture.drained).toEqual([viewer]);
  });

  it('sends the rest of a frame first once there is room', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect();
    const sent: Buffer[] = [];
    for (let round = 1; round <= 2; round++) {
      client.pause();
      for (;;) {
        const frame = Buffer.alloc(ODD_BYTES, `${round}.${sent.length} `);
        if (fixture.sockets.send(Int32Array.of(viewer), frame).length > 0) break;
        sent.push(frame);
        await sleep(0);
      }
      client.resume();
      await realTime.eventually(() => expect(fixture.drained).toHaveLength(round));
    }
    const whole = Buffer.concat(sent);
    await realTime.eventually(() => expect(client.body.length).toBe(whole.length));
    expect(client.body.equals(whole)).toBe(true);
  });

  it('emits no `drained` for a viewer that was not full', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect();
    for (let sent = 0; sent < 20; sent++) fixture.sockets.send(Int32Array.of(viewer), FRAME);
    await realTime.eventually(() => expect(client.body.length).toBe(20 * FRAME.length));
    expect(fixture.drained).toEqual([]);
  });

  it('closes a full viewer without waiting for it to read', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect();
    client.pause();
    await fill(fixture, viewer);
    fixture.sockets.close(viewer, BYE);
    await realTime.eventually(async () => expect(await fixture.open()).toBe(0));
    expect(fixture.drained).toEqual([]);
  });

  it('closes a viewer that no longer reads in bounded time, full or not', async () => {
    const { connect, fixture } = use();
    const [measured, stuck] = [await connect(), await connect()];
    for (const { client } of [measured, stuck]) client.pause();
    const taken = await fill(fixture, measured.viewer);
    // One frame less than the other viewer accepted: bytes wait, and it is not full yet.
    for (let sent = 0; sent < taken - 1; sent++) {
      fixture.sockets.send(Int32Array.of(stuck.viewer), LARGE);
      await sleep(0);
    }
    fixture.sockets.close(measured.viewer);
    fixture.sockets.close(stuck.viewer, BYE);
    await realTime.eventually(async () => expect(await fixture.open()).toBe(0), 5_000);
  });
}

function describeClosing(use: Use): void {
  it('ends a stream after its last frame', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect();
    fixture.sockets.send(Int32Array.of(viewer), FRAME);
    fixture.sockets.close(viewer, BYE);
    await realTime.eventually(() => expect(client.isOver).toBe(true));
    expect(client.body).toEqual(Buffer.concat([FRAME, BYE]));
    await realTime.eventually(async () => expect(await fixture.open()).toBe(0));
  });

  it('ends a stream without a last frame', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect();
    fixture.sockets.close(viewer);
    await realTime.eventually(() => expect(client.isOver).toBe(true));
    expect(client.body.length).toBe(0);
    await realTime.eventually(async () => expect(await fixture.open()).toBe(0));
  });

  it('sends nothing to a closed viewer, and does not affect others', async () => {
    const { connect, fixture } = use();
    const [closed, kept] = [await connect(), await connect()];
    fixture.sockets.close(closed.viewer, BYE);
    expect(fixture.sockets.send(Int32Array.of(closed.viewer, kept.viewer), FRAME)).toEqual([]);
    await realTime.eventually(() => expect(closed.client.isOver).toBe(true));
    await realTime.eventually(() => expect(kept.client.body).toEqual(FRAME));
    expect(closed.client.body).toEqual(BYE);
    expect(fixture.gone).not.toContain(kept.viewer);
  });
}
