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
  type SocketsPart,
  type Use,
} from './sockets-support';
import { realTime } from './time';

/** Divides no buffer's size: frames are cut at every place. */
const ODD_BYTES = 10_007;

/** What any part that holds viewers' connections has to do. */
export function describeSocketsContract(name: string, open: () => Promise<SocketsPart>): void {
  describe(`the viewers' sockets: ${name}`, () => {
    let part: SocketsPart;
    const clients: RawViewer[] = [];
    const raw = (text?: string): RawViewer => {
      const client = new RawViewer(part.port, text);
      clients.push(client);
      return client;
    };
    const connect: Connect = async () => {
      const client = raw();
      const viewer = await adoptedOf(part, client);
      await realTime.eventually(() => expect(client.head).toBeDefined());
      return { viewer, client };
    };
    beforeEach(async () => {
      part = await open();
    });
    afterEach(async () => {
      for (const client of clients.splice(0)) client.destroy();
      await part.close();
    });

    const use: Use = () => ({ part, connect, raw });
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
  it('answers with the head of an event stream, and nothing but frames after it', async () => {
    const { connect, part } = use();
    const { client, viewer } = await connect();
    expect(client.head).toMatch(/^HTTP\/1\.1 200 /);
    expect(client.head).toMatch(/^content-type: text\/event-stream/im);
    expect(client.head).toMatch(/^cache-control: .*no-cache/im);
    expect(client.head).not.toMatch(/^(transfer-encoding|content-length|content-encoding):/im);
    expect(part.sockets.send(Int32Array.of(viewer), FRAME)).toEqual([]);
    await realTime.eventually(() => expect(client.body).toEqual(FRAME));
  });

  it('sends the same bytes to each viewer, whole and in order', async () => {
    const { connect, part } = use();
    const viewers = [await connect(), await connect(), await connect()];
    const frames = Array.from({ length: 200 }, (_, at) => Buffer.from(`data: ${at}\n\n`));
    const numbers = Int32Array.from(viewers, ({ viewer }) => viewer);
    for (const frame of frames) expect(part.sockets.send(numbers, frame)).toEqual([]);
    for (const { client } of viewers) {
      await realTime.eventually(() => expect(client.body).toEqual(Buffer.concat(frames)));
    }
  });

  it('sends only to those it is told', async () => {
    const { connect, part } = use();
    const [one, other] = [await connect(), await connect()];
    part.sockets.send(Int32Array.of(one.viewer), FRAME);
    part.sockets.send(Int32Array.of(other.viewer), BYE);
    part.sockets.send(Int32Array.of(), LARGE);
    await realTime.eventually(() => expect(one.client.body).toEqual(FRAME));
    await realTime.eventually(() => expect(other.client.body).toEqual(BYE));
  });

  it('sends a frame that is larger than a socket takes at once', async () => {
    const { connect, part } = use();
    const { client, viewer } = await connect();
    const huge = Buffer.alloc(3_000_000, 'y');
    expect(part.sockets.send(Int32Array.of(viewer), huge)).toEqual([]);
    await realTime.eventually(() => expect(client.body.length).toBe(huge.length));
    expect(client.body.equals(huge)).toBe(true);
  });

  it('gives every viewer a number of its own', async () => {
    const { connect } = use();
    const viewers = [await connect(), await connect(), await connect()];
    expect(new Set(viewers.map(({ viewer }) => viewer)).size).toBe(3);
  });

  it('passes over a number that nobody has', () => {
    const { part } = use();
    expect(part.sockets.send(Int32Array.of(123_456), FRAME)).toEqual([]);
    expect(() => part.sockets.close(123_456, BYE)).not.toThrow();
  });
}

function describeFull(use: Use): void {
  it('tells of a viewer that never reads as full, and slows nobody else', async () => {
    const { connect, part } = use();
    const [slow, quick] = [await connect(), await connect()];
    slow.client.pause();
    const taken = await fill(part, slow.viewer, [quick.viewer]);
    expect(part.sockets.send(Int32Array.of(slow.viewer, quick.viewer), FRAME)).toEqual([
      slow.viewer,
    ]);
    const sent = (taken + 1) * LARGE.length + FRAME.length;
    await realTime.eventually(() => expect(quick.client.body.length).toBe(sent));
    expect(part.drained).toEqual([]);
  });

  it('tells when it has drained, once, and then sends to it again', async () => {
    const { connect, part } = use();
    const { client, viewer } = await connect();
    client.pause();
    const taken = await fill(part, viewer);
    client.resume();
    await realTime.eventually(() => expect(part.drained).toEqual([viewer]));
    expect(part.sockets.send(Int32Array.of(viewer), FRAME)).toEqual([]);
    const whole = Buffer.concat([...new Array<Buffer>(taken).fill(LARGE), FRAME]);
    await realTime.eventually(() => expect(client.body.length).toBe(whole.length));
    expect(client.body.equals(whole)).toBe(true);
    expect(part.drained).toEqual([viewer]);
  });

  it('sends what is left of a frame first, whenever there is room again', async () => {
    const { connect, part } = use();
    const { client, viewer } = await connect();
    const sent: Buffer[] = [];
    for (let round = 1; round <= 2; round++) {
      client.pause();
      for (;;) {
        const frame = Buffer.alloc(ODD_BYTES, `${round}.${sent.length} `);
        if (part.sockets.send(Int32Array.of(viewer), frame).length > 0) break;
        sent.push(frame);
        await sleep(0);
      }
      client.resume();
      await realTime.eventually(() => expect(part.drained).toHaveLength(round));
    }
    const whole = Buffer.concat(sent);
    await realTime.eventually(() => expect(client.body.length).toBe(whole.length));
    expect(client.body.equals(whole)).toBe(true);
  });

  it('tells of nobody as drained who was not full', async () => {
    const { connect, part } = use();
    const { client, viewer } = await connect();
    for (let sent = 0; sent < 20; sent++) part.sockets.send(Int32Array.of(viewer), FRAME);
    await realTime.eventually(() => expect(client.body.length).toBe(20 * FRAME.length));
    expect(part.drained).toEqual([]);
  });

  it('lets a full viewer be closed, without waiting for it to read', async () => {
    const { connect, part } = use();
    const { client, viewer } = await connect();
    client.pause();
    await fill(part, viewer);
    part.sockets.close(viewer, BYE);
    await realTime.eventually(async () => expect(await part.open()).toBe(0));
    expect(part.drained).toEqual([]);
  });

  it('lets a viewer that reads no more be closed in bounded time, full or not', async () => {
    const { connect, part } = use();
    const [measured, stuck] = [await connect(), await connect()];
    for (const { client } of [measured, stuck]) client.pause();
    const taken = await fill(part, measured.viewer);
    // What the other one took, less one: something waits, and it is not full yet.
    for (let sent = 0; sent < taken - 1; sent++) {
      part.sockets.send(Int32Array.of(stuck.viewer), LARGE);
      await sleep(0);
    }
    part.sockets.close(measured.viewer);
    part.sockets.close(stuck.viewer, BYE);
    await realTime.eventually(async () => expect(await part.open()).toBe(0), 5_000);
  });
}

function describeClosing(use: Use): void {
  it('ends a stream after its last frame', async () => {
    const { connect, part } = use();
    const { client, viewer } = await connect();
    part.sockets.send(Int32Array.of(viewer), FRAME);
    part.sockets.close(viewer, BYE);
    await realTime.eventually(() => expect(client.isOver).toBe(true));
    expect(client.body).toEqual(Buffer.concat([FRAME, BYE]));
    await realTime.eventually(async () => expect(await part.open()).toBe(0));
  });

  it('ends a stream without a last frame', async () => {
    const { connect, part } = use();
    const { client, viewer } = await connect();
    part.sockets.close(viewer);
    await realTime.eventually(() => expect(client.isOver).toBe(true));
    expect(client.body.length).toBe(0);
    await realTime.eventually(async () => expect(await part.open()).toBe(0));
  });

  it('sends nothing to a viewer that was closed, and leaves the others alone', async () => {
    const { connect, part } = use();
    const [closed, kept] = [await connect(), await connect()];
    part.sockets.close(closed.viewer, BYE);
    expect(part.sockets.send(Int32Array.of(closed.viewer, kept.viewer), FRAME)).toEqual([]);
    await realTime.eventually(() => expect(closed.client.isOver).toBe(true));
    await realTime.eventually(() => expect(kept.client.body).toEqual(FRAME));
    expect(closed.client.body).toEqual(BYE);
    expect(part.gone).not.toContain(kept.viewer);
  });
}
