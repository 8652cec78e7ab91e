import { frameOf } from '../../schemas/frame';
import { type Form, RawViewer, type RawViewerOptions } from './raw-viewer';
import { describeCrowds } from './sockets-crowd.contract';
import { describeDescriptors, describeEnd } from './sockets-descriptors.contract';
import { describeForms } from './sockets-forms.contract';
import { describeFull } from './sockets-full.contract';
import { describeLag } from './sockets-lag.contract';
import { describeGone, describeStrangePeers } from './sockets-peers.contract';
import {
  adoptedOf,
  BYE,
  bytesOf,
  type Connect,
  endedBytesOf,
  FRAME,
  LARGE,
  type SocketsFixture,
  type Use,
} from './sockets-support';
import { realTime } from './time';

/** The contract of all viewer sockets. */
export function describeSocketsContract(name: string, open: () => Promise<SocketsFixture>): void {
  describe(`the viewers' sockets: ${name}`, () => {
    let fixture: SocketsFixture;
    const clients: RawViewer[] = [];
    const raw = (options?: RawViewerOptions): RawViewer => {
      const client = new RawViewer(fixture.port, options);
      clients.push(client);
      return client;
    };
    const connect: Connect = async (form) => {
      const client = raw({ form });
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
    describe.each<[string, Form]>([
      ['HTTP/1.1', 'chunked'],
      ['HTTP/1.0', 'plain'],
    ])('to viewers of %s', (_, form) => {
      describeSending(use, form);
      describeFull(use, form);
      describeLag(use, form);
      describeClosing(use, form);
    });
    describeForms(use);
    describeNumbers(use);
    describeGone(use);
    describeStrangePeers(use);
    describeDescriptors(use);
    describeEnd(use);
    describeCrowds(use);
  });
}

function describeSending(use: Use, form: Form): void {
  it('sends the head of an event stream, and only frames after it', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect(form);
    expect(client.head).toMatch(/^HTTP\/1\.1 200 /);
    expect(client.head).toMatch(/^content-type: text\/event-stream/im);
    expect(client.head).toMatch(/^cache-control: .*no-cache/im);
    expect(client.head).not.toMatch(/^(content-length|content-encoding):/im);
    const codings = client.head
      ?.match(/^transfer-encoding:.*$/gim)
      ?.map((line) => line.toLowerCase());
    expect(codings).toEqual(form === 'chunked' ? ['transfer-encoding: chunked'] : undefined);
    expect(fixture.sockets.send(Int32Array.of(viewer), FRAME)).toEqual([]);
    await realTime.eventually(() => expect(client.body).toEqual(FRAME[form]));
  });

  it('sends the same bytes to each viewer, whole and in order', async () => {
    const { connect, fixture } = use();
    const viewers = [await connect(form), await connect(form), await connect(form)];
    const frames = Array.from({ length: 200 }, (_, at) => frameOf(`data: ${at}\n\n`));
    const numbers = Int32Array.from(viewers, ({ viewer }) => viewer);
    for (const frame of frames) expect(fixture.sockets.send(numbers, frame)).toEqual([]);
    for (const { client } of viewers) {
      await realTime.eventually(() => expect(client.body).toEqual(bytesOf(frames, form)));
    }
  });

  it('sends only to the given viewers', async () => {
    const { connect, fixture } = use();
    const [one, other] = [await connect(form), await connect(form)];
    fixture.sockets.send(Int32Array.of(one.viewer), FRAME);
    fixture.sockets.send(Int32Array.of(other.viewer), BYE);
    fixture.sockets.send(Int32Array.of(), LARGE);
    await realTime.eventually(() => expect(one.client.body).toEqual(FRAME[form]));
    await realTime.eventually(() => expect(other.client.body).toEqual(BYE[form]));
  });

  it('sends a frame that is larger than a socket’s buffer', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect(form);
    const huge = frameOf('y'.repeat(3_000_000));
    expect(fixture.sockets.send(Int32Array.of(viewer), huge)).toEqual([]);
    await realTime.eventually(() => expect(client.body.length).toBe(huge[form].length));
    expect(client.body.equals(huge[form])).toBe(true);
  });
}

function describeClosing(use: Use, form: Form): void {
  it('ends a stream after its last frame', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect(form);
    fixture.sockets.send(Int32Array.of(viewer), FRAME);
    fixture.sockets.close(viewer, BYE);
    await realTime.eventually(() => expect(client.isOver).toBe(true));
    expect(client.body).toEqual(endedBytesOf([FRAME, BYE], form));
    await realTime.eventually(async () => expect(await fixture.open()).toBe(0));
  });

  it('ends a stream without a last frame', async () => {
    const { connect, fixture } = use();
    const { client, viewer } = await connect(form);
    fixture.sockets.close(viewer);
    await realTime.eventually(() => expect(client.isOver).toBe(true));
    expect(client.body).toEqual(endedBytesOf([], form));
    await realTime.eventually(async () => expect(await fixture.open()).toBe(0));
  });

  it('sends nothing to a closed viewer, and does not affect others', async () => {
    const { connect, fixture } = use();
    const [closed, kept] = [await connect(form), await connect(form)];
    fixture.sockets.close(closed.viewer, BYE);
    expect(fixture.sockets.send(Int32Array.of(closed.viewer, kept.viewer), FRAME)).toEqual([]);
    await realTime.eventually(() => expect(closed.client.isOver).toBe(true));
    await realTime.eventually(() => expect(kept.client.body).toEqual(FRAME[form]));
    expect(closed.client.body).toEqual(endedBytesOf([BYE], form));
    expect(fixture.gone).not.toContain(kept.viewer);
  });
}

function describeNumbers(use: Use): void {
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
