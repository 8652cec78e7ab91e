import { spawn } from 'node:child_process';
import { z } from 'zod';
import { eventually } from './api';
import { SseReader } from './sse-reader';

/** "At once": much less than the time between two pings, which would push held bytes on. */
const AT_ONCE_MS = 2_000;

const START_MS = 15_000;

/** Starts to read a URL; calls `read` with bytes, and resolves at the end of the stream. */
export type Read = (
  url: string,
  read: (bytes: Uint8Array) => void,
  signal: AbortSignal,
) => Promise<void>;

/** Reads with a program that writes what it has read to its standard output. */
export function programReads(file: string, args: (url: string) => readonly string[]): Read {
  return (url, read, signal) =>
    new Promise((resolve, reject) => {
      const child = spawn(file, args(url), { signal, stdio: ['ignore', 'pipe', 'pipe'] });
      let problems = '';
      child.stdout.on('data', read);
      child.stderr.on('data', (text) => {
        problems += text;
      });
      child.on('error', reject);
      child.on('close', (code, by) => {
        if (code === 0) resolve();
        else reject(new Error(`${file} ended with ${code ?? by}: ${problems}`));
      });
    });
}

/** Reads with Node's `fetch`. */
export const fetchReads: Read = async (url, read, signal) => {
  const { body } = await fetch(url, { signal });
  if (!body) throw new Error('no body');
  for await (const bytes of body) read(bytes);
};

const content = z.object({ total: z.int().optional() });

interface Event {
  readonly name: string;
  readonly total?: number | undefined;
}

/** A viewer that is a program of another project: curl, Python or Node. */
export class OutsideClient {
  readonly events: Event[] = [];
  /** Resolves at the end of the stream; rejects if the client takes it for cut. */
  readonly ended: Promise<void>;
  isOver = false;
  private readonly aborting = new AbortController();

  constructor(read: Read, url: string) {
    const reader = new SseReader({
      comment: () => undefined,
      retry: () => undefined,
      id: () => undefined,
      event: (name, data) => this.events.push({ name, ...content.parse(JSON.parse(data)) }),
    });
    const decoder = new TextDecoder();
    const take = (bytes: Uint8Array) => reader.push(decoder.decode(bytes, { stream: true }));
    this.ended = read(url, take, this.aborting.signal).finally(() => {
      this.isOver = true;
    });
    // The caller that waits for the end gets the rejection.
    this.ended.catch(() => undefined);
  }

  /** Resolves when it has read its first event with a total. */
  async started(): Promise<void> {
    await eventually(() => expect(this.last()?.total).toBeDefined(), START_MS);
  }

  /** Resolves when the last event that it has read is this one. */
  async reads(name: string, total?: number): Promise<void> {
    await eventually(() => expect(this.last()).toEqual({ name, total }), AT_ONCE_MS);
  }

  close(): void {
    this.aborting.abort();
  }

  private last(): Event | undefined {
    return this.events.filter(({ name }) => name !== 'ping').at(-1);
  }
}
