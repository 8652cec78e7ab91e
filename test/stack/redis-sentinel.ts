import { Redis } from 'ioredis';
import { eventually, range } from '../end-to-end/api';
import { ignore, RedisProcess } from './redis-process';

const PASSWORD = 'of-the-data';
const SENTINEL_PASSWORD = 'of-the-sentinels';
const NAME = 'main';
const SENTINELS = 3;
const QUORUM = 2;
const READY_MS = 30_000;

const DATA = [`requirepass ${PASSWORD}`, `masterauth ${PASSWORD}`, 'save ""'];
const login = { password: PASSWORD };

/** A primary, a replica, and three Sentinels that watch them; all with passwords. */
export class SentinelRedis {
  private client: Redis | undefined;

  private constructor(
    readonly servers: readonly RedisProcess[],
    readonly sentinels: readonly RedisProcess[],
  ) {}

  static async start(): Promise<SentinelRedis> {
    const primary = await RedisProcess.start({ lines: DATA, login });
    const follows = `replicaof 127.0.0.1 ${primary.port}`;
    const replica = await RedisProcess.start({ lines: [...DATA, follows], login });
    const lines = [
      ...[`requirepass ${SENTINEL_PASSWORD}`, `sentinel sentinel-pass ${SENTINEL_PASSWORD}`],
      `sentinel monitor ${NAME} 127.0.0.1 ${primary.port} ${QUORUM}`,
      `sentinel auth-pass ${NAME} ${PASSWORD}`,
      `sentinel down-after-milliseconds ${NAME} 1000`,
      `sentinel failover-timeout ${NAME} 5000`,
    ];
    const options = { lines, isSentinel: true, login: { password: SENTINEL_PASSWORD } };
    const sentinels = await Promise.all(range(SENTINELS).map(() => RedisProcess.start(options)));
    const all = new SentinelRedis([primary, replica], sentinels);
    await eventually(() => all.expectComplete(), READY_MS);
    return all;
  }

  /** The settings of a process that may use it. */
  get environment() {
    return {
      REDIS_URL: 'redis://any',
      REDIS_PASSWORD: PASSWORD,
      REDIS_SENTINELS: this.sentinels.map(({ address }) => address).join(),
      REDIS_SENTINEL_NAME: NAME,
      REDIS_SENTINEL_PASSWORD: SENTINEL_PASSWORD,
    };
  }

  /** A client of the primary, whichever it is. */
  get admin(): Redis {
    const sentinels = this.sentinels.map(({ port }) => ({ host: '127.0.0.1', port }));
    const options = { sentinels, name: NAME, sentinelPassword: SENTINEL_PASSWORD, ...login };
    this.client ??= new Redis(options).on('error', ignore);
    return this.client;
  }

  /** The server that the first Sentinel names as primary. */
  async primary(): Promise<RedisProcess> {
    const port = Number((await this.sentinel('GET-MASTER-ADDR-BY-NAME'))[1]);
    const found = this.servers.find((server) => server.port === port);
    if (!found) throw new Error(`no server has port ${port}`);
    return found;
  }

  /** Kills the primary, or halts it, and waits until the Sentinels name the other one. */
  async failOver(how: 'kill' | 'halt'): Promise<RedisProcess> {
    const before = await this.primary();
    if (how === 'kill') await before.kill();
    else before.signal('SIGSTOP');
    await eventually(async () => {
      if ((await this.primary()) === before) throw new Error('there was no failover');
    }, READY_MS);
    return before;
  }

  /** The Sentinels know each other and a replica in step, so that a failover is possible. */
  async expectComplete(): Promise<void> {
    for (const { admin } of this.sentinels) {
      const fields = (await admin.call('SENTINEL', 'MASTER', NAME)) as string[];
      const of = (name: string) => Number(fields[fields.indexOf(name) + 1]);
      if (of('num-slaves') < 1 || of('num-other-sentinels') < SENTINELS - 1) {
        throw new Error('the Sentinels do not know all servers');
      }
    }
    const replication = await (await this.primary()).admin.info('replication');
    if (!/state=online/.test(replication)) throw new Error('the replica is not in step');
  }

  async end(): Promise<void> {
    this.client?.disconnect();
    await Promise.all([...this.sentinels, ...this.servers].map((one) => one.end()));
  }

  private async sentinel(command: string): Promise<unknown[]> {
    const answer = await this.sentinels[0]?.admin.call('SENTINEL', command, NAME);
    return Array.isArray(answer) ? answer : [];
  }
}
