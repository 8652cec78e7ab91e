import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '../../adapters/viewer-sockets';
import type { AdoptingSockets } from '../../frontends/routes';
import type { RawViewer } from './raw-viewer';
import { realTime } from './time';

/** Sockets behind a real HTTP server, whose `GET /` is adopted. */
export interface SocketsPart {
  readonly sockets: AdoptingSockets;
  readonly port: number;
  /** Who was adopted, by the `X-Client` that it sent; an error where adopting failed. */
  readonly adopted: ReadonlyMap<string, Viewer | Error>;
  readonly gone: readonly Viewer[];
  readonly drained: readonly Viewer[];
  /** What a request waits for before it is adopted. */
  adoptAfter: Promise<void>;
  /** How many connections this process still has open to viewers. */
  readonly open: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export const FRAME = Buffer.from(
  'event: likes\ndata: {"text":"héllo 👋"}\nid: video:42/1/dc1.1@0\n\n',
);
export const BYE = Buffer.from('event: bye\ndata: {}\n\n');
export const LARGE = Buffer.alloc(32 * 1024, 'x');
const MAX_LARGE_FRAMES = 2_000;

/** Connects one more viewer, and gives it with its number. */
export type Connect = () => Promise<{ viewer: Viewer; client: RawViewer }>;
export type Use = () => { part: SocketsPart; connect: Connect; raw: (text?: string) => RawViewer };

/** The number of a client that was adopted; throws where it was not. */
export async function adoptedOf(part: SocketsPart, client: RawViewer): Promise<Viewer> {
  await realTime.eventually(() => expect([...part.adopted.keys()]).toContain(client.name));
  const viewer = part.adopted.get(client.name);
  if (typeof viewer !== 'number') throw viewer ?? new Error('was not adopted');
  return viewer;
}

/** Sends large frames until the viewer is full; gives how many it took. */
export async function fill(
  part: SocketsPart,
  viewer: Viewer,
  others: Viewer[] = [],
): Promise<number> {
  for (let sent = 0; sent < MAX_LARGE_FRAMES; sent++) {
    const full = part.sockets.send(Int32Array.of(viewer, ...others), LARGE);
    if (full.includes(viewer)) {
      expect(full).toEqual([viewer]);
      return sent;
    }
    await sleep(0);
  }
  throw new Error('never full');
}
