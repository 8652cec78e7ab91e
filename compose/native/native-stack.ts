import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Addresses, addressesOf } from './addresses';
import { cassandraPart } from './cassandra';
import { type CassandraNode, SINGLE_NODE } from './cassandra-node';
import { type Install, install } from './install';
import { kafkaPart } from './kafka';
import { PARTS, type PartName } from './part-names';
import { choosePorts, isFree, type Ports } from './ports';
import { type Progress, SILENT } from './progress';
import { redisPart } from './redis';
import { RunningPart } from './running-part';
import { deleteSavedPorts, type KnownPorts, savedPorts, savePorts } from './saved-ports';
import type { ServerPart } from './server-part';
import type { PartStatus, Stack } from './stack';
import type { StackSecurity } from './stack-security';

const DEFAULT_DATACENTER = 'dc1';

/** The options of a native stack. */
export interface NativeStackOptions {
  /** The folder of its data, logs and process ids. */
  readonly folder: string;
  /** Ports that are not given are those of the last start in this folder, or free ones. */
  readonly ports?: Partial<Ports>;
  /** For benchmarks: slower to start, faster when warm. */
  readonly fullSpeed?: boolean;
  /** Whether it continues after a Ctrl-C in this terminal. */
  readonly detached?: boolean;
  readonly datacenter?: string;
  /** Its Cassandra node in a cluster; a cluster of its own if not given. */
  readonly cassandra?: CassandraNode | undefined;
  /** Logins, rights and TLS of Kafka and Cassandra; open if not given. */
  readonly security?: StackSecurity | undefined;
  /** The parts that it has; all if not given. */
  readonly parts?: readonly PartName[];
  readonly progress?: Progress;
}

/** Kafka, Cassandra and Redis as plain processes, with their data in a folder. */
export class NativeStack implements Stack {
  readonly folder: string;
  private readonly progress: Progress;
  private readonly parts: readonly RunningPart[];
  private installing: Promise<Install> | undefined;
  private assigning: Promise<Ports | undefined> = Promise.resolve(undefined);

  constructor(private readonly options: NativeStackOptions) {
    this.folder = resolve(options.folder);
    this.progress = options.progress ?? SILENT;
    const { cassandra, datacenter = DEFAULT_DATACENTER, parts = PARTS } = options;
    const all = partsOf(datacenter, cassandra, options.security).filter(({ name }) =>
      parts.includes(name),
    );
    this.parts = all.map((part) => new RunningPart(part, this.folder, this.progress));
  }

  /** The address of each part; available after the first start. */
  get addresses(): Addresses {
    const ports = this.known;
    if (!ports) throw new Error('the ports are chosen when the stack starts first');
    return addressesOf(ports);
  }

  /** Fetches the programs if this machine does not have them. */
  async install(): Promise<void> {
    await this.programs();
  }

  /** Starts one part, or all that do not run, and waits until they answer. */
  async start(name?: PartName): Promise<void> {
    const starting = this.select(name).filter((part) => !part.isRunning);
    // One after the other: starts of single parts at the same time share the same ports.
    const assigning = this.assigning.catch(() => undefined).then(() => this.assignPorts(starting));
    this.assigning = assigning;
    const ports = await assigning;
    await all(this.select(name).map((part) => this.startPart(part, ports)));
  }

  /** Stops one part, or all, cleanly; the data stays. */
  async stop(name?: PartName): Promise<void> {
    await all(this.select(name).map((part) => part.stop()));
  }

  /** Signals one part; after SIGKILL it has ended when this returns. */
  async kill(name: PartName, signal: NodeJS.Signals): Promise<void> {
    await all(this.select(name).map((part) => part.kill(signal)));
  }

  /** Stops all parts and deletes their data; other files in the folder stay. */
  async reset(): Promise<void> {
    if (!this.known) return;
    await this.stop();
    for (const part of this.parts) rmSync(part.folder, { recursive: true, force: true });
    deleteSavedPorts(this.folder);
    for (const part of this.parts) removeIfEmpty(dirname(part.folder));
    removeIfEmpty(this.folder);
  }

  /** The status of each part. */
  status(): Promise<PartStatus[]> {
    const ports = this.known;
    return Promise.all(this.parts.map((part) => part.status(ports)));
  }

  /** Read from the folder each time, because other programs use the same stack. */
  private get known(): KnownPorts | undefined {
    return savedPorts(this.folder);
  }

  private programs(): Promise<Install> {
    this.installing ??= install(this.progress);
    return this.installing;
  }

  private select(name?: PartName): readonly RunningPart[] {
    return name ? this.parts.filter((part) => part.name === name) : this.parts;
  }

  private async startPart(part: RunningPart, ports: Ports): Promise<void> {
    const programs = await this.programs();
    const { fullSpeed = false, detached = false } = this.options;
    const context = { folder: part.folder, ports, install: programs, fullSpeed };
    await part.start(context, detached);
  }

  /** Ports change only for parts that do not run. Throws if a port is taken; none starts then. */
  private async assignPorts(starting: readonly RunningPart[]): Promise<Ports> {
    const wanted: Partial<Record<keyof Ports, number>> = { ...this.known };
    for (const part of this.parts.filter(({ isRunning }) => !isRunning)) {
      const [outer, ...inner] = part.listens;
      wanted[outer] = this.options.ports?.[outer] ?? wanted[outer];
      for (const port of inner) wanted[port] = await this.innerPort(port);
    }
    const ports = await choosePorts(wanted);
    for (const part of starting) await part.requireFreePorts(ports);
    savePorts(this.folder, ports);
    return ports;
  }

  /** No client uses an inner port, so a taken one is replaced. */
  private async innerPort(port: keyof Ports): Promise<number | undefined> {
    const given = this.options.ports?.[port];
    const before = this.known?.[port];
    return given ?? (before !== undefined && (await isFree(before)) ? before : undefined);
  }
}

function removeIfEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}

function partsOf(
  datacenter: string,
  node = SINGLE_NODE,
  security?: StackSecurity,
): readonly ServerPart[] {
  const kafkaPorts = { port: 'kafka', controllerPort: 'kafkaController' } as const;
  return [
    kafkaPart({ name: 'kafka', datacenter, security, ...kafkaPorts }),
    cassandraPart(node, security),
    redisPart({ name: 'redis', datacenter, port: 'redis' }),
  ];
}

/** Waits for all promises even if one fails, so that no work continues after the call. */
async function all(doing: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(doing)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
