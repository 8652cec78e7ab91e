import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '../../adapters/viewer-sockets';
import type { AdoptingSockets } from '../../frontends/routes';
import { type Frame, frameOf, LAST_CHUNK } from '../../schemas/frame';
import type { Form, RawViewer, RawViewerOptions } from './raw-viewer';
import { realTime } from './time';

/** Sockets behind a real HTTP server, whose `GET /` is adopted. */
export interface SocketsFixture {
  readonly sockets: AdoptingSockets;
  readonly port: number;
  /** The adopted viewers by their `X-Client` header; an error if the adoption failed. */
  readonly adopted: ReadonlyMap<string, Viewer | Error>;
  readonly gone: readonly Viewer[];
  readonly drained: readonly Viewer[];
  /** A request waits for this before it is adopted. */
  adoptAfter: Promise<void>;
  /** The number of this process's open connections to viewers. */
  readonly open: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export const FRAME = frameOf('event: a\ndata: {"text":"héllo 👋"}\nid: video:42/a=1:dc1.1@0\n\n');
export const BYE = frameOf('event: bye\ndata: {}\n\n');
export const LARGE = frameOf('x'.repeat(32 * 1024));
const MAX_LARGE_FRAMES = 2_000;

/** The bytes of a stream of these frames, in order. */
export function bytesOf(frames: readonly Frame[], form: Form = 'chunked'): Buffer {
  return Buffer.concat(frames.map((frame) => frame[form]));
}

/** The bytes of a stream that was ended on purpose after these frames. */
export function endedBytesOf(frames: readonly Frame[], form: Form = 'chunked'): Buffer {
  const end = form === 'chunked' ? [LAST_CHUNK] : [];
  return Buffer.concat([bytesOf(frames, form), ...end]);
}

/** Connects one more viewer; resolves with it and its number. */
export type Connect = (form?: Form) => Promise<{ viewer: Viewer; client: RawViewer }>;
export type Use = () => {
  fixture: SocketsFixture;
  connect: Connect;
  raw: (options?: RawViewerOptions) => RawViewer;
};

/** The number of an adopted client; throws if its adoption failed. */
export async function adoptedOf(fixture: SocketsFixture, client: RawViewer): Promise<Viewer> {
  await realTime.eventually(() => expect([...fixture.adopted.keys()]).toContain(client.name));
  const viewer = fixture.adopted.get(client.name);
  if (typeof viewer !== 'number') throw viewer ?? new Error('was not adopted');
  return viewer;
}

/** Sends large frames until the viewer is full; returns the number of accepted ones. */
export async function fill(
  fixture: SocketsFixture,
  viewer: Viewer,
  others: Viewer[] = [],
): Promise<number> {
  for (let sent = 0; sent < MAX_LARGE_FRAMES; sent++) {
    const full = fixture.sockets.send(Int32Array.of(viewer, ...others), LARGE);
    if (full.includes(viewer)) {
      expect(full).toEqual([viewer]);
      return sent;
    }
    await sleep(0);
  }
  throw new Error('never full');
}
