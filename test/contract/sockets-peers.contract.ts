import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '../../adapters/viewer-sockets';
import { deferred } from '../fixtures/deferred';
import type { RawViewer } from './raw-viewer';
import { bytesOf, FRAME, fill, type SocketsFixture, type Use } from './sockets-support';
import { realTime } from './time';

/** The ends of viewers' connections. */
export function describeGone(use: Use): void {
  it.each<[string, (client: RawViewer) => void]>([
    ['closes', (client) => client.destroy()],
    ['resets', (client) => client.reset()],
    ['half-closes its connection', (client) => client.end()],
  ])('emits `gone` once for a viewer that %s', async (_, leave) => {
    const { connect, fixture } = use();
    const [leaving, staying] = [await connect(), await connect()];
    leave(leaving.client);
    await realTime.eventually(() => expect(fixture.gone).toEqual([leaving.viewer]));
    expect(fixture.sockets.send(Int32Array.of(leaving.viewer, staying.viewer), FRAME)).toEqual([]);
    await realTime.eventually(() => expect(staying.client.body).toEqual(FRAME.chunked));
    await realTime.eventually(async () => expect(await fixture.open()).toBe(1));
    expect(fixture.gone).toEqual([leaving.viewer]);
  });

  it('emits `gone` once for a viewer that was full', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect();
    client.pause();
    await fill(fixture, viewer);
    client.destroy();
    await realTime.eventually(() => expect(fixture.gone).toEqual([viewer]));
    expect(fixture.drained).toEqual([]);
  });

  it('survives sends to viewers that disconnect at that moment', async () => {
    const { connect, fixture } = use();
    const viewers = [await connect(), await connect(), await connect(), await connect()];
    const numbers = viewers.map(({ viewer }) => viewer);
    for (const { client } of viewers) client.reset();
    for (let sent = 0; sent < 50; sent++) {
      fixture.sockets.send(Int32Array.from(numbers), FRAME);
      await sleep(0);
    }
    const sorted = () => [...fixture.gone].sort((a, b) => a - b);
    await realTime.eventually(() => expect(sorted()).toEqual(numbers));
  });

  it('sends to all other viewers if one disconnects during a flush', async () => {
    const { connect, fixture } = use();
    const viewers = [await connect(), await connect(), await connect()];
    const [first, leaving, last] = viewers;
    const numbers = Int32Array.from(viewers, ({ viewer }) => viewer);
    leaving?.client.reset();
    for (let sent = 0; sent < 3; sent++) {
      expect(fixture.sockets.send(numbers, FRAME)).toEqual([]);
      expect(fixture.gone).toEqual([]);
    }
    await realTime.eventually(() => expect(fixture.gone).toEqual([leaving?.viewer]));
    fixture.sockets.send(numbers, FRAME);
    for (const staying of [first, last]) {
      await realTime.eventually(() =>
        expect(staying?.client.body).toHaveLength(4 * FRAME.chunked.length),
      );
    }
    expect(fixture.gone).toEqual([leaving?.viewer]);
  });

  it('does not adopt a connection that has ended', async () => {
    const { fixture, raw } = use();
    const before = fixture.adoptAfter;
    const gate = deferred();
    fixture.adoptAfter = gate.promise;
    const client = raw();
    await realTime.eventually(() => expect(client.isSent).toBe(true));
    client.reset();
    await realTime.eventually(() => expect(client.isOver).toBe(true));
    gate.resolve();
    await realTime.eventually(() => expect([...fixture.adopted.keys()]).toContain(client.name));
    fixture.adoptAfter = before;
    const outcome = fixture.adopted.get(client.name);
    if (typeof outcome === 'number') {
      await realTime.eventually(() => expect(fixture.gone).toEqual([outcome]));
    } else expect(outcome).toMatchObject({ retriable: true });
    await realTime.eventually(async () => expect(await fixture.open()).toBe(0));
  });
}

/** Peers that behave unlike browsers. */
export function describeStrangePeers(use: Use): void {
  /** Its whole frames continue, or it ends with one `gone`; it receives nothing but frames. */
  async function expectFramesOrGone(fixture: SocketsFixture, client: RawViewer, viewer: Viewer) {
    for (let sent = 1; sent <= 5; sent++) {
      fixture.sockets.send(Int32Array.of(viewer), FRAME);
      await realTime.eventually(() => {
        const isGone = fixture.gone.includes(viewer);
        expect(isGone || client.body.length === sent * FRAME.chunked.length).toBe(true);
      });
    }
    const frames = bytesOf(new Array(5).fill(FRAME));
    expect(frames.subarray(0, client.body.length)).toEqual(client.body);
    expect(fixture.gone.filter((gone) => gone === viewer).length).toBeLessThanOrEqual(1);
  }

  it.each([
    ['a few bytes', 'hello?'],
    ['empty lines', '\r\n\r\n\r\n'],
    ['half of a request', 'POST /videos/42/likes HTTP/1.1\r\nContent-Le'],
    ['a request', 'GET /other HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a request for another stream', 'GET / HTTP/1.1\r\nHost: a\r\nX-Client: second\r\n\r\n'],
  ])('sends only frames to a viewer that sends %s', async (_, text) => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect();
    client.write(text);
    // The bytes of an earlier connection are read when a later one is adopted.
    await connect();
    await expectFramesOrGone(fixture, client, viewer);
  });

  it('sends only frames on a stream that was requested twice in one packet', async () => {
    const { fixture, raw } = use();
    const again = 'GET / HTTP/1.1\r\nHost: a\r\nX-Client: again\r\n\r\n';
    const client = raw({ text: again });
    await realTime.eventually(() => expect([...fixture.adopted.keys()]).toContain(client.name));
    const viewer = fixture.adopted.get(client.name);
    if (typeof viewer === 'number') await expectFramesOrGone(fixture, client, viewer);
    expect(typeof fixture.adopted.get('again')).not.toBe('number');
  });

  it('disconnects a viewer that sends without end', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect();
    for (let sent = 0; sent < 64 && !client.isOver; sent++) {
      client.write('x'.repeat(16 * 1024));
      await sleep(1);
    }
    await realTime.eventually(() => expect(fixture.gone).toEqual([viewer]));
    await realTime.eventually(async () => expect(await fixture.open()).toBe(0));
  });
}
