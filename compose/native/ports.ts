import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { HOST } from './host';

/** The port of each part. The controller and storage ports are internal to the servers. */
export interface Ports {
  readonly kafka: number;
  readonly kafkaController: number;
  readonly cassandra: number;
  readonly cassandraStorage: number;
  readonly redis: number;
}

/** The ports that clients use. */
export type PublicPorts = Pick<Ports, 'kafka' | 'cassandra' | 'redis'>;

/** Unusual ports, which do not collide with an installed Kafka, Cassandra or Redis. */
export const DEFAULT_PORTS: PublicPorts = { kafka: 19_092, cassandra: 19_042, redis: 16_379 };

const NAMES: readonly (keyof Ports)[] = [
  'kafka',
  'kafkaController',
  'cassandra',
  'cassandraStorage',
  'redis',
];

/** Below the range of ports for outgoing connections, so that a free port stays free. */
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

/** Throws an Error with advice if another program has the port. */
export async function requireFreePort(
  title: string,
  port: number,
  option = `--${title.toLowerCase()}-port`,
): Promise<void> {
  if (await isFree(port)) return;
  throw new Error(
    `port ${port} for ${title} is taken by another program: ` +
      `stop that one, or choose another port with ${option}`,
  );
}

/** Completes the given ports with free ones. */
export async function choosePorts(given: Partial<Ports>): Promise<Ports> {
  const used = new Set(Object.values(given));
  const chosen: Record<string, number> = {};
  for (const name of NAMES) {
    chosen[name] = given[name] ?? (await freePort(used));
    used.add(chosen[name]);
  }
  return chosen as unknown as Ports;
}

/** Finds `count` free ports that are not in `used`. */
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
