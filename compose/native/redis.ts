import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HOST } from './host';
import type { Install } from './install';
import type { PartName } from './part-names';
import type { PublicPorts } from './ports';
import { isRedisReady } from './readiness';
import type { ServerPart } from './server-part';
import { fillTemplate } from './template';

/** The processors in the names of the binaries, by Node's names. */
const PROCESSORS: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Identifies one of a stack's Redis servers. */
export interface RedisPartOptions {
  readonly name: PartName;
  readonly datacenter: string;
  readonly port: keyof PublicPorts;
}

/** One Redis of one datacenter. */
export function redisPart({ name, datacenter, port }: RedisPartOptions): ServerPart {
  return {
    name,
    title: 'Redis',
    folder: join(datacenter, 'redis'),
    listens: [port],
    async prepare({ folder, ports }) {
      const data = join(folder, 'data');
      mkdirSync(data, { recursive: true });
      fillTemplate('redis/redis.conf', join(folder, 'redis.conf'), {
        host: HOST,
        port: ports[port],
        data,
      });
    },
    command({ folder, install }) {
      return { file: redisBinary(install), args: [join(folder, 'redis.conf')] };
    },
    isReady: (ports) => isRedisReady(ports[port]),
  };
}

/** The program for this machine. */
export function redisBinary(install: Install): string {
  const folder = join(install.folder, 'redis');
  const ending = `-${process.platform}-${PROCESSORS[process.arch]}`;
  const binary = readdirSync(folder).find((name) => name.endsWith(ending));
  if (!binary) throw new Error(`there is no Redis for ${process.platform} on ${process.arch}`);
  return join(folder, binary);
}
