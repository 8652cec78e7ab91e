import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kafkaAnswers } from './answers';
import { NATIVE_FOLDER } from './folders';
import { HOST } from './host';
import { classPath } from './install';
import { javaCommand } from './jvm';
import type { PartName } from './part-names';
import type { Ports, PublicPorts } from './ports';
import type { LaunchContext, ServerPart } from './server-part';
import { fillTemplate } from './template';

const LOG_FLAG = `-Dlog4j2.configurationFile=${join(NATIVE_FOLDER, 'kafka', 'log4j2.properties')}`;

/** Which of a stack's Kafkas it is. */
export interface KafkaPlace {
  readonly name: PartName;
  readonly datacenter: string;
  readonly port: keyof PublicPorts;
  readonly controllerPort: keyof Ports;
}

/** One Kafka broker of one datacenter. */
export function kafkaPart({ name, datacenter, port, controllerPort }: KafkaPlace): ServerPart {
  return {
    name,
    title: 'Kafka',
    folder: join(datacenter, 'kafka'),
    listens: [port, controllerPort],
    async prepare(place) {
      fillTemplate('kafka/server.properties', propertiesOf(place), {
        host: HOST,
        port: place.ports[port],
        controllerPort: place.ports[controllerPort],
        data: join(place.folder, 'data'),
      });
      await formatOnce(place);
    },
    command: (place) =>
      javaCommand(place, {
        part: 'kafka',
        main: 'kafka.Kafka',
        flags: ['-Xms128m', '-Xmx512m', LOG_FLAG],
        args: [propertiesOf(place)],
      }),
    isReady: (ports) => kafkaAnswers(ports[port]),
  };
}

function propertiesOf(place: LaunchContext): string {
  return join(place.folder, 'server.properties');
}

/** Gives new data its cluster id. A mark says when it is done: an interrupted one starts anew. */
async function formatOnce(place: LaunchContext): Promise<void> {
  const mark = join(place.folder, 'formatted');
  if (existsSync(mark)) return;
  rmSync(join(place.folder, 'data'), { recursive: true, force: true });
  const clusterId = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
  const id = clusterId.replaceAll('-', '_');
  await promisify(execFile)(place.install.java.file, [
    ...['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', LOG_FLAG],
    ...['-cp', classPath(place.install, 'kafka'), 'kafka.tools.StorageTool', 'format'],
    ...['--config', propertiesOf(place), '--cluster-id', id],
  ]);
  writeFileSync(mark, `${id}\n`);
}
