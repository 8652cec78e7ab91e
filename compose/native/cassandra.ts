import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CassandraNode } from './cassandra-node';
import { NATIVE_FOLDER } from './folders';
import { HOST } from './host';
import { javaCommand } from './jvm';
import { isCassandraReady } from './readiness';
import { accessSettings } from './secured-cassandra';
import type { LaunchContext, ServerPart } from './server-part';
import type { StackSecurity } from './stack-security';
import { fillTemplate } from './template';

/** The internal packages of Java that Cassandra and its memory meter access. */
const EXPORTS = [
  'java.base/java.lang.ref',
  'java.base/jdk.internal.misc',
  'java.base/sun.nio.ch',
  'java.management.rmi/com.sun.jmx.remote.internal.rmi',
  'java.rmi/sun.rmi.registry',
  'java.rmi/sun.rmi.server',
  'java.rmi/sun.rmi.transport.tcp',
  'java.sql/java.sql',
  'jdk.unsupported/sun.misc',
];
const OPENS = [
  'java.base/java.io',
  'java.base/java.lang',
  'java.base/java.lang.module',
  'java.base/java.lang.reflect',
  'java.base/java.nio',
  'java.base/java.util',
  'java.base/java.util.concurrent',
  'java.base/java.util.concurrent.atomic',
  'java.base/jdk.internal.loader',
  'java.base/jdk.internal.math',
  'java.base/jdk.internal.module',
  'java.base/jdk.internal.ref',
  'java.base/jdk.internal.reflect',
  'java.base/jdk.internal.util.jar',
  'java.base/sun.nio.ch',
  'java.rmi/sun.rmi.transport.tcp',
  'jdk.management/com.sun.management.internal',
];

/** From this version on Java refuses a security manager without a flag, and Cassandra sets one. */
const FIRST_JAVA_TO_ALLOW = 18;

/** The file with the node's datacenter, for Cassandra's snitch. */
const RACK_FILE = 'cassandra-rackdc.properties';

/** Skips waits that only larger clusters need. */
const SINGLE_NODE_FLAGS = [
  '-Dcassandra-foreground=yes',
  '-Dcassandra.ring_delay_ms=100',
  '-Dcassandra.skip_wait_for_gossip_to_settle=0',
  '-Dcassandra.shutdown_announce_in_ms=0',
  '-Dcassandra.skip_sync=true',
  '-Dcassandra.superuser_setup_delay_ms=0',
  '-Dcassandra.consistent.rangemovement=false',
];

/** One Cassandra node. */
export function cassandraPart(node: CassandraNode, security?: StackSecurity): ServerPart {
  return {
    name: 'cassandra',
    title: 'Cassandra',
    folder: 'cassandra',
    listens: ['cassandra', 'cassandraStorage'],
    async prepare({ folder, ports }) {
      mkdirSync(join(folder, 'tmp'), { recursive: true });
      const rack = `dc=${node.datacenter}\nrack=rack1\n`;
      writeFileSync(join(folder, RACK_FILE), rack);
      fillTemplate('cassandra/cassandra.yaml', join(folder, 'cassandra.yaml'), {
        host: HOST,
        port: ports.cassandra,
        storagePort: ports.cassandraStorage,
        token: node.token,
        seed: node.seed ?? `${node.broadcastAddress}:${ports.cassandraStorage}`,
        broadcastAddress: node.broadcastAddress,
        broadcastRpcAddress: node.broadcastRpcAddress,
        hints: String(node.hasPeers),
        access: accessSettings(folder, security),
      });
    },
    command: (context) =>
      javaCommand(context, {
        part: 'cassandra',
        main: 'org.apache.cassandra.service.CassandraDaemon',
        flags: flagsOf(context),
        args: [],
      }),
    isReady: (ports) => isCassandraReady(ports.cassandra, security?.ca),
  };
}

function flagsOf({ folder, install, fullSpeed }: LaunchContext): string[] {
  const { java } = install;
  return [
    // A heap that grows on demand saves 390 MB while the node is idle.
    ...[fullSpeed ? '-Xms512m' : '-Xms128m', '-Xmx512m', '-Xss512k'],
    ...EXPORTS.flatMap((name) => ['--add-exports', `${name}=ALL-UNNAMED`]),
    ...OPENS.flatMap((name) => ['--add-opens', `${name}=ALL-UNNAMED`]),
    ...['-XX:+UnlockDiagnosticVMOptions', '-XX:+AllowArchivingWithJavaAgent'],
    `-javaagent:${join(install.folder, 'cassandra', 'jamm-0.4.0.jar')}`,
    ...(java.major >= FIRST_JAVA_TO_ALLOW ? ['-Djava.security.manager=allow'] : []),
    '-Djdk.attach.allowAttachSelf=true',
    '-Dio.netty.tryReflectionSetAccessible=true',
    `-Djava.io.tmpdir=${join(folder, 'tmp')}`,
    `-Djna.tmpdir=${join(folder, 'tmp')}`,
    `-Dcassandra.config=${pathToFileURL(join(folder, 'cassandra.yaml'))}`,
    `-D${RACK_FILE}=${pathToFileURL(join(folder, RACK_FILE))}`,
    `-Dlogback.configurationFile=${join(NATIVE_FOLDER, 'cassandra', 'logback.xml')}`,
    `-Dcassandra.logdir=${join(folder, 'logs')}`,
    `-Dcassandra.storagedir=${join(folder, 'data')}`,
    ...SINGLE_NODE_FLAGS,
  ];
}
