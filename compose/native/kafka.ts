import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NATIVE_FOLDER } from './folders';
import { HOST } from './host';
import { classPath } from './install';
import { javaCommand } from './jvm';
import type { PartName } from './part-names';
import type { Ports, PublicPorts } from './ports';
import { isKafkaReady } from './readiness';
import { isSecuredKafkaReady, scramUsers, securedKafka } from './secured-kafka';
import type { LaunchContext, ServerPart } from './server-part';
import type { StackSecurity } from './stack-security';
import { fillTemplate } from './template';

const LOG_FLAG = `-Dlog4j2.configurationFile=${join(NATIVE_FOLDER, 'kafka', 'log4j2.properties')}`;

/** Identifies one of a stack's Kafka brokers. */
export interface KafkaPartOptions {
  readonly name: PartName;
  readonly datacenter: string;
  readonly port: keyof PublicPorts;
  readonly controllerPort: keyof Ports;
  readonly security?: StackSecurity | undefined;
}

/** One Kafka broker of one datacenter. */
export function kafkaPart({
  name,
  datacenter,
  port,
  controllerPort,
  security,
}: KafkaPartOptions): ServerPart {
  return {
    name,
    title: 'Kafka',
    folder: join(datacenter, 'kafka'),
    listens: [port, controllerPort],
    async prepare(context) {
      fillTemplate('kafka/server.properties', propertiesOf(context), {
        host: HOST,
        port: context.ports[port],
        controllerPort: context.ports[controllerPort],
        data: join(context.folder, 'data'),
      });
      if (security) {
        const { folder, ports } = context;
        const of = { folder, port: ports[port], controllerPort: ports[controllerPort] };
        appendFileSync(propertiesOf(context), securedKafka(security, of));
      }
      await formatOnce(context, security ? scramUsers(security) : []);
    },
    command: (context) =>
      javaCommand(context, {
        part: 'kafka',
        main: 'kafka.Kafka',
        flags: ['-Xms128m', '-Xmx512m', LOG_FLAG],
        args: [propertiesOf(context)],
      }),
    isReady: (ports) =>
      security ? isSecuredKafkaReady(security, ports[port]) : isKafkaReady(ports[port]),
  };
}

function propertiesOf(context: LaunchContext): string {
  return join(context.folder, 'server.properties');
}

/** Formats new data with a cluster id. A file marks the end; an interrupted run is repeated. */
async function formatOnce(context: LaunchContext, users: readonly string[]): Promise<void> {
  const mark = join(context.folder, 'formatted');
  if (existsSync(mark)) return;
  rmSync(join(context.folder, 'data'), { recursive: true, force: true });
  const clusterId = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
  const id = clusterId.replaceAll('-', '_');
  await promisify(execFile)(context.install.java.file, [
    ...['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', LOG_FLAG],
    ...['-cp', classPath(context.install, 'kafka'), 'kafka.tools.StorageTool', 'format'],
    ...['--config', propertiesOf(context), '--cluster-id', id, ...users],
  ]);
  writeFileSync(mark, `${id}\n`);
}
