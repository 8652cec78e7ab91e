import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { redisAnswers } from './answers';
import { HOST } from './host';
import type { PartName } from './part-names';
import type { PublicPorts } from './ports';
import type { LaunchContext, ServerPart } from './server-part';
import { fillTemplate } from './template';

/** How the names of the binaries end, by Node's names of system and processor. */
const PROCESSORS: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Which of a stack's Redises it is. */
export interface RedisPlace {
  readonly name: PartName;
  readonly datacenter: string;
  readonly port: keyof PublicPorts;
}

/** One Redis of one datacenter. */
export function redisPart({ name, datacenter, port }: RedisPlace): ServerPart {
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
    command: (place) => ({ file: binaryOf(place), args: [join(place.folder, 'redis.conf')] }),
    isReady: (ports) => redisAnswers(ports[port]),
  };
}

function binaryOf({ install }: LaunchContext): string {
  const folder = join(install.folder, 'redis');
  const ending = `-${process.platform}-${PROCESSORS[process.arch]}`;
  const binary = readdirSync(folder).find((name) => name.endsWith(ending));
  if (!binary) throw new Error(`there is no Redis for ${process.platform} on ${process.arch}`);
  return join(folder, binary);
}
