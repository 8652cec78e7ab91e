import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { Described } from '../end-to-end/described';
import { endServers, ROOT, Server } from '../end-to-end/server';
import { damagedBytes, requestsFor } from './requests';
import { Sending } from './sending';

/** How many requests are on their way at the same time. */
const TOGETHER = 32;

export interface FuzzRun {
  /** The inputs by status and code. */
  readonly counts: ReadonlyMap<string, number>;
  /** The memory of the server after each round, MiB. */
  readonly rssMiB: readonly number[];
}

export interface FuzzOptions {
  readonly inputs: number;
  readonly rounds: number;
  readonly seed: number;
}

/** Sends inputs to all public routes of a server; rejects if one of them is answered badly. */
export async function fuzzPublicRoutes({ inputs, rounds, seed }: FuzzOptions): Promise<FuzzRun> {
  const EVENT_TYPES = join(ROOT, 'docs', 'examples', 'poll-votes.js');
  const server = await Server.start({ env: { EVENT_TYPES, LOG_LEVEL: 'error' } });
  const sending = new Sending(server.port);
  try {
    const { calls } = await Described.of(server.url);
    const files = ['GET /', 'GET /client.js', 'GET /openapi.yaml'];
    const requests = requestsFor([...calls, ...files]);
    const rssMiB: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const numRuns = Math.ceil(inputs / rounds / (TOGETHER + TOGETHER / 4));
      const batches = fc.tuple(
        fc.array(requests, { minLength: TOGETHER, maxLength: TOGETHER }),
        fc.array(damagedBytes(requests), { minLength: TOGETHER / 4, maxLength: TOGETHER / 4 }),
      );
      const property = fc.asyncProperty(batches, async ([whole, bytes]) => {
        await Promise.all([
          ...whole.map((each) => sending.send(each)),
          ...bytes.map((each) => sending.sendBytes(each)),
        ]);
      });
      await fc.assert(property, { numRuns, seed: seed + round, endOnFailure: true });
      rssMiB.push(rssOf(server.pid));
    }
    const ended = await server.stop();
    if (ended.code !== 0) throw new Error(`the server ended with ${ended.code}: ${ended.stderr}`);
    if (ended.stderr !== '') throw new Error(`the server wrote ${ended.stderr}`);
    return { counts: sending.counts, rssMiB };
  } finally {
    sending.close();
    await endServers();
  }
}

/** The memory of a process, MiB. */
export function rssOf(pid: number): number {
  const [, kib = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib) / 1024);
}
