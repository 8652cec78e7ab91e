import { Site } from '../../../test/stack/site';
import { useAllCores } from '../cores';
import { cpuSeconds, treeOf } from '../proc';
import { Server } from '../server';
import { likestream, MAX_VIEWERS } from '../servers/likestream';
import type { Measuring } from './asked';
import type { Line } from './line';
import { type RunningProxy, startProxy } from './proxy';
import { Way, type WayAims } from './ways';

const WARM_UP_MS = 8_000;
/** The JVMs compile for so long; with both ways it is twice this time. */
const SERVERS_WARM_UP_MS = 40_000;

const DIRECT: WayAims = { p50: { most: 25 }, p90: { most: 45 }, frames: { most: 30 } };
const PROXIED: WayAims = { p50: { most: 30 }, p90: { most: 65 }, post: { most: 15 } };

/** The processes behind a proxy. */
interface Behind {
  readonly producers: readonly number[];
  readonly frontends: readonly number[];
  readonly headers: readonly string[];
  readonly server: Pick<Server, 'cpu'>;
  readonly warmUpMs: number;
}

/** 1,000 viewers with 100 likes/s on the embedded mode, directly and through nginx. */
export async function proxied(measuring: Measuring): Promise<Line[]> {
  useAllCores();
  const server = await Server.start(measuring.crew, likestream());
  const ports = [server.target.port];
  const behind = { producers: ports, frontends: ports, headers: [], server };
  try {
    return await bothWays(measuring, 'proxied', { ...behind, warmUpMs: WARM_UP_MS });
  } finally {
    await server.end();
  }
}

/** The same on Kafka, Cassandra and Redis, with two of each role. */
export async function proxiedServers(measuring: Measuring): Promise<Line[]> {
  useAllCores();
  const site = new Site({ fullSpeed: true });
  const end = measuring.crew.adopt(() => site.end());
  try {
    measuring.progress.now('proxied-servers: starting Kafka, Cassandra, Redis and the roles');
    await site.start({ MAX_VIEWERS: String(MAX_VIEWERS) });
    const pids = (): number[] => site.processes.flatMap(({ pid }) => (pid ? treeOf(pid) : []));
    return await bothWays(measuring, 'proxied-servers', {
      producers: site.roles.producer.map(({ port }) => port),
      frontends: site.roles.frontend.map(({ port }) => port),
      headers: [`Authorization: Bearer ${site.token}`],
      server: { cpu: () => cpuSeconds(pids()) },
      warmUpMs: SERVERS_WARM_UP_MS,
    });
  } finally {
    await end();
  }
}

async function bothWays(measuring: Measuring, row: string, behind: Behind): Promise<Line[]> {
  const { asked, crew, progress } = measuring;
  const proxy = await startProxy(crew, behind.producers, behind.frontends);
  const ways = waysTo(measuring, behind, proxy);
  try {
    for (const way of ways) {
      progress.now(`${row}: warming up, ${way.title}`);
      await way.prepare(behind.warmUpMs);
    }
    for (let turn = 0; turn < asked.turns; turn++) {
      for (const way of ways) {
        progress.now(`${row}, turn ${turn + 1}: ${way.title}`);
        await way.measure(behind.server, asked.seconds);
      }
    }
    return ways.flatMap((way) => way.lines(row));
  } finally {
    await Promise.all(ways.map((way) => way.end()));
    await proxy.end();
  }
}

function waysTo(measuring: Measuring, behind: Behind, { port }: RunningProxy): Way[] {
  const { frontends, headers, producers } = behind;
  const [producer = 0] = producers;
  const direct = { title: 'direct', postPort: producer, streamPorts: frontends, aims: DIRECT };
  const proxied = { title: 'nginx', postPort: port, streamPorts: [port], aims: PROXIED };
  return [direct, proxied].map((options) => new Way(measuring, { ...options, headers }));
}
