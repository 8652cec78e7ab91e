import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '../../adapters/viewer-sockets';
import { deferred } from '../fixtures/deferred';
import type { RawViewer } from './raw-viewer';
import { FRAME, fill, type SocketsPart, type Use } from './sockets-support';
import { realTime } from './time';

/** How viewers go. */
export function describeGone(use: Use): void {
  it.each<[string, (client: RawViewer) => void]>([
    ['closes', (client) => client.destroy()],
    ['resets', (client) => client.reset()],
    ['half-closes: a stream has no use for that', (client) => client.end()],
  ])('tells once that a viewer has gone which %s', async (_, leave) => {
    const { connect, part } = use();
    const [leaving, staying] = [await connect(), await connect()];
    leave(leaving.client);
    await realTime.eventually(() => expect(part.gone).toEqual([leaving.viewer]));
    expect(part.sockets.send(Int32Array.of(leaving.viewer, staying.viewer), FRAME)).toEqual([]);
    await realTime.eventually(() => expect(staying.client.body).toEqual(FRAME));
    await realTime.eventually(async () => expect(await part.open()).toBe(1));
    expect(part.gone).toEqual([leaving.viewer]);
  });

  it('tells once that a viewer has gone which was full', async () => {
    const { connect, part } = use();
    const { client, viewer } = await connect();
    client.pause();
    await fill(part, viewer);
    client.destroy();
    await realTime.eventually(() => expect(part.gone).toEqual([viewer]));
    expect(part.drained).toEqual([]);
  });

  it('survives sending to viewers that go at that moment', async () => {
    const { connect, part } = use();
    const viewers = [await connect(), await connect(), await connect(), await connect()];
    const numbers = viewers.map(({ viewer }) => viewer);
    for (const { client } of viewers) client.reset();
    for (let sent = 0; sent < 50; sent++) {
      part.sockets.send(Int32Array.from(numbers), FRAME);
      await sleep(0);
    }
    const sorted = () => [...part.gone].sort((a, b) => a - b);
    await realTime.eventually(() => expect(sorted()).toEqual(numbers));
  });

  it('sends to all the others when one goes in the middle of a flush', async () => {
    const { connect, part } = use();
    const viewers = [await connect(), await connect(), await connect()];
    const [first, leaving, last] = viewers;
    const numbers = Int32Array.from(viewers, ({ viewer }) => viewer);
    leaving?.client.reset();
    for (let sent = 0; sent < 3; sent++) {
      expect(part.sockets.send(numbers, FRAME)).toEqual([]);
      expect(part.gone).toEqual([]);
    }
    await realTime.eventually(() => expect(part.gone).toEqual([leaving?.viewer]));
    part.sockets.send(numbers, FRAME);
    for (const staying of [first, last]) {
      await realTime.eventually(() => expect(staying?.client.body).toHaveLength(4 * FRAME.length));
    }
    expect(part.gone).toEqual([leaving?.viewer]);
  });

  it('does not adopt a connection that is over', async () => {
    const { part, raw } = use();
    const before = part.adoptAfter;
    const gate = deferred();
    part.adoptAfter = gate.promise;
    const client = raw();
    await realTime.eventually(() => expect(client.isSent).toBe(true));
    client.reset();
    await realTime.eventually(() => expect(client.isOver).toBe(true));
    gate.resolve();
    await realTime.eventually(() => expect([...part.adopted.keys()]).toContain(client.name));
    part.adoptAfter = before;
    const outcome = part.adopted.get(client.name);
    if (typeof outcome === 'number') {
      await realTime.eventually(() => expect(part.gone).toEqual([outcome]));
    } else expect(outcome).toMatchObject({ retriable: true });
    await realTime.eventually(async () => expect(await part.open()).toBe(0));
  });
}

/** Peers that do what no browser does. */
export function describeStrangePeers(use: Use): void {
  /** Its frames go on, whole, or it was let go and told of once; never anything but frames. */
  async function expectFramesOrGone(part: SocketsPart, client: RawViewer, viewer: Viewer) {
    for (let sent = 1; sent <= 5; sent++) {
      part.sockets.send(Int32Array.of(viewer), FRAME);
      await realTime.eventually(() => {
        const isGone = part.gone.includes(viewer);
        expect(isGone || client.body.length === sent * FRAME.length).toBe(true);
      });
    }
    const frames = Buffer.concat(new Array<Buffer>(5).fill(FRAME));
    expect(frames.subarray(0, client.body.length)).toEqual(client.body);
    expect(part.gone.filter((gone) => gone === viewer).length).toBeLessThanOrEqual(1);
  }

  it.each([
    ['a few bytes', 'hello?'],
    ['empty lines', '\r\n\r\n\r\n'],
    ['half of a request', 'POST /videos/42/likes HTTP/1.1\r\nContent-Le'],
    ['a request', 'GET /other HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a request for another stream', 'GET / HTTP/1.1\r\nHost: a\r\nX-Client: second\r\n\r\n'],
  ])('lets nothing but frames into the stream of a viewer that sends %s', async (_, text) => {
    const { connect, part } = use();
    const { client, viewer } = await connect();
    client.write(text);
    // The bytes of an earlier connection are read when a later one is adopted.
    await connect();
    await expectFramesOrGone(part, client, viewer);
  });

  it('lets nothing but frames into a stream that was asked for twice in one breath', async () => {
    const { part, raw } = use();
    const again = 'GET / HTTP/1.1\r\nHost: a\r\nX-Client: again\r\n\r\n';
    const client = raw(again);
    await realTime.eventually(() => expect([...part.adopted.keys()]).toContain(client.name));
    const viewer = part.adopted.get(client.name);
    if (typeof viewer === 'number') await expectFramesOrGone(part, client, viewer);
    expect(typeof part.adopted.get('again')).not.toBe('number');
  });

  it('lets a viewer go that sends without end', async () => {
    const { connect, part } = use();
    const { client, viewer } = await connect();
    for (let sent = 0; sent < 64 && !client.isOver; sent++) {
      client.write('x'.repeat(16 * 1024));
      await sleep(1);
    }
    await realTime.eventually(() => expect(part.gone).toEqual([viewer]));
    await realTime.eventually(async () => expect(await part.open()).toBe(0));
  });
}
