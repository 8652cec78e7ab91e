import { get, type IncomingMessage } from 'node:http';
import { type Frame, frameOf } from '../../schemas/frame';
import { BYE, bytesOf, endedBytesOf, FRAME, fill, LARGE, type Use } from './sockets-support';
import { freshId, realTime } from './time';

/** A stream as Node's own HTTP client reads it. */
interface HttpViewer {
  readonly name: string;
  readonly pieces: Buffer[];
  answer: IncomingMessage | undefined;
  isOver: boolean;
}

function openStream(port: number): HttpViewer {
  const name = freshId('client');
  const viewer: HttpViewer = { name, pieces: [], answer: undefined, isOver: false };
  const headers = { 'X-Client': name };
  const sent = get({ port, host: '127.0.0.1', headers, agent: false }, (answer) => {
    viewer.answer = answer;
    answer.on('data', (piece: Buffer) => viewer.pieces.push(piece));
    answer.on('error', () => undefined);
    answer.on('close', () => {
      viewer.isOver = true;
    });
  });
  sent.on('error', () => undefined);
  return viewer;
}

/** The forms of frames: chunks for HTTP/1.1, and the bytes alone for HTTP/1.0. */
export function describeForms(use: Use): void {
  async function connectHttp(): Promise<{ client: HttpViewer; viewer: number }> {
    const { fixture } = use();
    const client = openStream(fixture.port);
    await realTime.eventually(() => expect(client.answer).toBeDefined());
    return { client, viewer: Number(fixture.adopted.get(client.name)) };
  }

  it('sends chunks that an HTTP client reads frame by frame, up to the last chunk', async () => {
    const { fixture } = use();
    const { client, viewer } = await connectHttp();
    const frames: Frame[] = [FRAME, frameOf('y'), frameOf('z'.repeat(16)), LARGE];
    for (const [at] of frames.entries()) {
      fixture.sockets.send(Int32Array.of(viewer), frames[at] ?? FRAME);
      const sent = bytesOf(frames.slice(0, at + 1), 'plain');
      await realTime.eventually(() => expect(Buffer.concat(client.pieces).equals(sent)).toBe(true));
    }
    fixture.sockets.close(viewer, BYE);
    await realTime.eventually(() => expect(client.isOver).toBe(true));
    expect(client.answer?.complete).toBe(true);
    const whole = bytesOf([...frames, BYE], 'plain');
    expect(Buffer.concat(client.pieces).equals(whole)).toBe(true);
  });

  it('lets an HTTP client see whether a stream was ended on purpose or was cut', async () => {
    const { fixture } = use();
    const [ended, cut] = [await connectHttp(), await connectHttp()];
    fixture.sockets.close(ended.viewer);
    cut.client.answer?.pause();
    await fill(fixture, cut.viewer);
    fixture.sockets.close(cut.viewer, BYE);
    cut.client.answer?.resume();
    for (const { client } of [ended, cut]) {
      await realTime.eventually(() => expect(client.isOver).toBe(true));
    }
    expect(ended.client.answer?.complete).toBe(true);
    expect(cut.client.answer?.complete).toBe(false);
  });

  it('sends a frame in both forms in one call, also the rest of a frame sent in part', async () => {
    const { connect, fixture } = use();
    const [chunked, plain] = [await connect('chunked'), await connect('plain')];
    const viewers = Int32Array.of(plain.viewer, chunked.viewer);
    const frames = [FRAME, frameOf('y'.repeat(3_000_000)), BYE];
    for (const [at] of frames.entries()) {
      const frame = frames[at] ?? FRAME;
      await realTime.eventually(() => expect(fixture.sockets.send(viewers, frame)).toEqual([]));
      for (const [form, { client }] of Object.entries({ chunked, plain } as const)) {
        const sent = bytesOf(frames.slice(0, at + 1), form === 'plain' ? 'plain' : 'chunked');
        await realTime.eventually(() => expect(client.body.length).toBe(sent.length));
        expect(client.body.equals(sent)).toBe(true);
      }
    }
  });

  it('returns full viewers of both forms', async () => {
    const { connect, fixture } = use();
    const [chunked, plain] = [await connect('chunked'), await connect('plain')];
    const viewers = Int32Array.of(chunked.viewer, plain.viewer);
    for (const { client, viewer } of [chunked, plain]) {
      client.pause();
      await fill(fixture, viewer);
    }
    expect(fixture.sockets.send(viewers, FRAME)).toEqual([...viewers]);
    for (const { client } of [chunked, plain]) client.resume();
    await realTime.eventually(() =>
      expect([...fixture.drained].sort()).toEqual([...viewers].sort()),
    );
    expect(fixture.sockets.send(viewers, FRAME)).toEqual([]);
    for (const { viewer } of [chunked, plain]) fixture.sockets.close(viewer);
    const isAtEnd = (body: Buffer, end: Buffer) => body.subarray(-end.length).equals(end);
    await realTime.eventually(() => {
      expect(isAtEnd(chunked.client.body, endedBytesOf([FRAME]))).toBe(true);
      expect(isAtEnd(plain.client.body, FRAME.plain)).toBe(true);
    });
  });
}
