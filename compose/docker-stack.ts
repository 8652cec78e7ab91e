import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Addresses, addressesOf } from './native/addresses';
import { ROOT } from './native/folders';
import { type PublicPorts, requireFreePort } from './native/ports';
import type { Progress } from './native/progress';
import { isCassandraReady, isKafkaReady, isRedisReady } from './native/readiness';
import { deleteSavedPorts, savePorts } from './native/saved-ports';
import type { PartStatus, Stack } from './native/stack';

const DOCKER_TIMEOUT_MS = 10_000;

const SERVICES = [
  { name: 'kafka', title: 'Kafka', isReady: isKafkaReady },
  { name: 'cassandra', title: 'Cassandra', isReady: isCassandraReady },
  { name: 'redis', title: 'Redis', isReady: isRedisReady },
] as const;

/** Whether an engine answers and has Compose; a `docker` on the path alone proves neither. */
export function isDockerReady(): boolean {
  const options = { stdio: 'ignore', timeout: DOCKER_TIMEOUT_MS } as const;
  return [['info'], ['compose', 'version']].every(
    (args) => spawnSync('docker', args, options).status === 0,
  );
}

/** Applies a command to the whole project of `compose.yaml`, not only to the servers. */
const WHOLE = ['--profile', '*'];

/** Kafka, Cassandra and Redis as containers, with data in named volumes. */
export class DockerStack implements Stack {
  readonly addresses: Addresses;

  constructor(
    private readonly folder: string,
    private readonly ports: PublicPorts,
    private readonly progress: Progress,
  ) {
    this.addresses = addressesOf(ports);
  }

  async start(): Promise<void> {
    const running = this.running();
    for (const { name, title } of SERVICES) {
      if (!running.includes(name)) await requireFreePort(title, this.ports[name]);
    }
    savePorts(this.folder, this.ports);
    await this.compose('up', '--detach', '--wait', ...SERVICES.map(({ name }) => name));
    for (const { name, title, isReady } of SERVICES) {
      const where = this.addresses[name];
      if (!(await isReady(this.ports[name])))
        throw new Error(`${title} does not answer on ${where}`);
      this.progress.done(`${title} answers on ${where}`);
    }
  }

  async stop(): Promise<void> {
    await this.compose(...WHOLE, 'down');
  }

  async reset(): Promise<void> {
    await this.compose(...WHOLE, 'down', '--volumes');
    deleteSavedPorts(this.folder);
  }

  status(): Promise<PartStatus[]> {
    const running = this.running();
    return Promise.all(
      SERVICES.map(async ({ name, title, isReady }) => ({
        title,
        address: this.addresses[name],
        running: running.includes(name) ? 'container' : undefined,
        isReady: running.includes(name) && (await isReady(this.ports[name])),
        log: `docker compose -p likestream logs ${name}`,
      })),
    );
  }

  private running(): string[] {
    const args = this.arguments('ps', '--services', '--status', 'running');
    const { stdout } = spawnSync('docker', args, { encoding: 'utf8', env: this.environment() });
    return (stdout ?? '').split('\n').filter((line) => line !== '');
  }

  private async compose(...command: string[]): Promise<void> {
    const args = this.arguments(...command);
    const child = spawn('docker', args, { stdio: 'inherit', env: this.environment() });
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (status !== 0) throw new Error(`docker compose ${command.join(' ')} failed: see above`);
  }

  private arguments(...command: string[]): string[] {
    return ['compose', '--file', join(ROOT, 'compose', 'compose.yaml'), ...command];
  }

  private environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      LIKESTREAM_KAFKA_PORT: String(this.ports.kafka),
      LIKESTREAM_CASSANDRA_PORT: String(this.ports.cassandra),
      LIKESTREAM_REDIS_PORT: String(this.ports.redis),
    };
  }
}
