import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { HOST } from './host';

/** Where each part listens. The two inner ones are for a server's talk with itself. */
export interface Ports {
  readonly kafka: number;
  readonly kafkaController: number;
  readonly cassandra: number;
  readonly cassandraStorage: number;
  readonly redis: number;
}

/** The ports that clients use. */
export type PublicPorts = Pick<Ports, 'kafka' | 'cassandra' | 'redis'>;

/** Unusual ones, so that a Kafka, Cassandra or Redis that is already there is no hindrance. */
export const DEFAULT_PORTS: PublicPorts = { kafka: 19_092, cassandra: 19_042, redis: 16_379 };

const NAMES: readonly (keyof Ports)[] = [
  'kafka',
  'kafkaController',
  'cassandra',
  'cassandraStorage',
  'redis',
];

/** Below the range that systems take outgoing ports from: a free one stays free. */
const FIRST_FREE_PORT = 20_000;
const LAST_FREE_PORT = 30_000;
const MAX_TRIES = 200;

/** Whether a program could listen on this port now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}

/** Names a port that another program has. */
export async function requireFreePort(
  title: string,
  port: number,
  option = `--${title.toLowerCase()}-port`,
): Promise<void> {
  if (await isFree(port)) return;
  throw new Error(
    `port ${port}, where ${title} is to listen, is taken by another program: ` +
      `stop that one, or choose another port with ${option}`,
  );
}

/** Keeps the ports given and finds free ones for the rest. */
export async function choosePorts(given: Partial<Ports>): Promise<Ports> {
  const used = new Set(Object.values(given));
  const chosen: Record<string, number> = {};
  for (const name of NAMES) {
    chosen[name] = given[name] ?? (await freePort(used));
    used.add(chosen[name]);
  }
  return chosen as unknown as Ports;
}

/** So many ports that are free now, and not among those. */
export async function freePorts(count: number, used: readonly number[]): Promise<number[]> {
  const taken = new Set(used);
  for (let left = count; left > 0; left--) taken.add(await freePort(taken));
  return [...taken].slice(-count);
}

async function freePort(used: ReadonlySet<number>): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const port = randomInt(FIRST_FREE_PORT, LAST_FREE_PORT);
    if (!used.has(port) && (await isFree(port))) return port;
  }
  throw new Error(`no free port found between ${FIRST_FREE_PORT} and ${LAST_FREE_PORT}`);
}
