import fc from 'fast-check';
import { systemEntropy } from '../../runtime/entropy';
import { ServiceClient } from '../../runtime/services/service-client';
import { ServiceIdentity } from '../../runtime/services/service-identity';
import { ERRORS } from '../../schemas/errors';
import { problemIn, totalOf } from '../end-to-end/api';
import { childrenOf } from '../end-to-end/children';
import { endServers, Server } from '../end-to-end/server';
import { StreamClient } from '../end-to-end/stream-client';
import { type InnerCall, innerCalls } from './inner-calls';
import { portsOf } from './listening';
import { type FuzzOptions, type FuzzRun, rssOf } from './public-routes';

const SECRET = 'the secret of all services of this test';
const TOGETHER = 16;
const ANSWER_MS = 30_000;

/** Sends signed calls to the inner routes of a process and its worker; rejects as its siblings. */
export async function fuzzInnerRoutes({ inputs, rounds, seed }: FuzzOptions): Promise<FuzzRun> {
  const server = await Server.start({
    env: { WORKERS: '1', SERVICE_SECRET: SECRET, LOG_LEVEL: 'error' },
  });
  const client = new ServiceClient(new ServiceIdentity(SECRET, systemEntropy));
  const counts = new Map<string, number>();
  try {
    const worker = await workerOf(server);
    const pids = [server.pid, ...childrenOf(server.pid)];
    const origins = await serviceOrigins(client, pids);
    const calls = fc.array(innerCalls(worker), { minLength: TOGETHER, maxLength: TOGETHER });
    const rssMiB: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const property = fc.asyncProperty(calls, fc.constantFrom(...origins), async (all, origin) => {
        const names = await Promise.all(all.map((each) => nameOf(client, origin, each)));
        for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
      });
      const numRuns = Math.ceil(inputs / rounds / TOGETHER);
      await fc.assert(property, { numRuns, seed: seed + round, endOnFailure: true });
      rssMiB.push(pids.reduce((sum, pid) => sum + rssOf(pid), 0));
    }
    // It still answers.
    await totalOf(server.url, 'afterwards');
    const ended = await server.stop();
    if (ended.code !== 0) throw new Error(`the server ended with ${ended.code}: ${ended.stderr}`);
    return { counts, rssMiB };
  } finally {
    await client.close();
    await endServers();
  }
}

/** The id of the worker that holds streams: the first part of a connection's id. */
async function workerOf({ url }: Server): Promise<string> {
  const viewer = new StreamClient(url, ['video:a']);
  const { data } = await viewer.next('ready');
  viewer.close();
  return String(data.connectionId).split('.')[0] ?? '';
}

/** The servers of these processes that answer signed calls. */
async function serviceOrigins(client: ServiceClient, pids: readonly number[]): Promise<string[]> {
  const origins = pids.flatMap(portsOf).map((port) => `http://127.0.0.1:${port}`);
  const found: string[] = [];
  for (const origin of new Set(origins)) {
    const call = { method: 'POST', path: '/none', body: '{}' } as const;
    if (await client.call(origin, call).then(Boolean, () => false)) found.push(origin);
  }
  return found;
}

async function nameOf(client: ServiceClient, origin: string, call: InnerCall): Promise<string> {
  const given = await client.call(origin, { ...call, timeoutMs: ANSWER_MS });
  const text = given.body.toString();
  const { status } = given;
  const said = `${origin} ${JSON.stringify(call)} was answered with ${status} ${text}`;
  if (status >= 500 && status !== 503) throw new Error(said);
  if (status < 400) return `${status}`;
  const type = String(given.headers['content-type']);
  const { code } = problemIn({ status, text, headers: { 'content-type': type } });
  if (!Object.hasOwn(ERRORS, code)) throw new Error(said);
  return `${status} ${code}`;
}
