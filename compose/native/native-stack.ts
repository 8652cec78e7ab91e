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
import { forgetPorts, type KnownPorts, savedPorts, savePorts } from './saved-ports';
import type { ServerPart } from './server-part';
import type { PartStatus, Stack } from './stack';

const DEFAULT_DATACENTER = 'dc1';

/** How a stack is to be. */
export interface NativeStackOptions {
  /** Where its data, logs and process ids are. */
  readonly folder: string;
  /** Those not given are the ones it had before in this folder, or free ones. */
  readonly ports?: Partial<Ports>;
  /** For benchmarks: slower to start, quicker when warm. */
  readonly fullSpeed?: boolean;
  /** Whether it outlives a Ctrl-C in this terminal. */
  readonly detached?: boolean;
  readonly datacenter?: string;
  /** The place of its Cassandra in a cluster; a cluster of its own if not given. */
  readonly cassandra?: CassandraNode | undefined;
  /** Those that it has; all where none are named. */
  readonly parts?: readonly PartName[];
  readonly progress?: Progress;
}

/** Kafka, Cassandra and Redis as plain processes, on data that stays in a folder. */
export class NativeStack implements Stack {
  readonly folder: string;
  private readonly progress: Progress;
  private readonly parts: readonly RunningPart[];
  private installing: Promise<Install> | undefined;
  private settling: Promise<Ports | undefined> = Promise.resolve(undefined);

  constructor(private readonly options: NativeStackOptions) {
    this.folder = resolve(options.folder);
    this.progress = options.progress ?? SILENT;
    const { cassandra, datacenter = DEFAULT_DATACENTER, parts = PARTS } = options;
    const all = partsOf(datacenter, cassandra).filter(({ name }) => parts.includes(name));
    this.parts = all.map((part) => new RunningPart(part, this.folder, this.progress));
  }

  /** Where each part listens, from the first start on. */
  get addresses(): Addresses {
    const ports = this.known;
    if (!ports) throw new Error('the ports are chosen when the stack starts first');
    return addressesOf(ports);
  }

  /** Fetches the programs, if this machine hasn't got them yet. */
  async install(): Promise<void> {
    await this.programs();
  }

  /** Starts one part, or all that don't run yet, and waits until they answer. */
  async start(name?: PartName): Promise<void> {
    const starting = this.select(name).filter((part) => !part.isRunning);
    // One after the other: starts of single parts at the same time share the same ports.
    const settling = this.settling.catch(() => undefined).then(() => this.settlePorts(starting));
    this.settling = settling;
    const ports = await settling;
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

  /** Stops all parts and deletes their data; whatever else the folder holds stays. */
  async reset(): Promise<void> {
    if (!this.known) return;
    await this.stop();
    for (const part of this.parts) rmSync(part.folder, { recursive: true, force: true });
    forgetPorts(this.folder);
    for (const part of this.parts) removeIfEmpty(dirname(part.folder));
    removeIfEmpty(this.folder);
  }

  /** How each part is now. */
  status(): Promise<PartStatus[]> {
    const ports = this.known;
    return Promise.all(this.parts.map((part) => part.status(ports)));
  }

  /** The folder itself remembers: other programs work with the same stack. */
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
    const place = { folder: part.folder, ports, install: programs, fullSpeed };
    await part.start(place, detached);
  }

  /** Ports can only change for parts that don't run. A taken one is named before any starts. */
  private async settlePorts(starting: readonly RunningPart[]): Promise<Ports> {
    const wanted: Partial<Record<keyof Ports, number>> = { ...this.known };
    for (const part of this.parts.filter(({ isRunning }) => !isRunning)) {
      const [outer, ...inner] = part.listens;
      wanted[outer] = this.options.ports?.[outer] ?? wanted[outer];
      for (const port of inner) wanted[port] = await this.innerPort(port);
    }
    const ports = await choosePorts(wanted);
    for (const part of starting) await part.refuseTaken(ports);
    savePorts(this.folder, ports);
    return ports;
  }

  /** Nobody needs to know an inner port: when it is taken now, another will do. */
  private async innerPort(port: keyof Ports): Promise<number | undefined> {
    const given = this.options.ports?.[port];
    const before = this.known?.[port];
    return given ?? (before !== undefined && (await isFree(before)) ? before : undefined);
  }
}

function removeIfEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}

function partsOf(datacenter: string, node = SINGLE_NODE): readonly ServerPart[] {
  return [
    kafkaPart({ name: 'kafka', datacenter, port: 'kafka', controllerPort: 'kafkaController' }),
    cassandraPart(node),
    redisPart({ name: 'redis', datacenter, port: 'redis' }),
  ];
}

/** Waits for all of them, also when one fails: nothing goes on behind the caller's back. */
async function all(doing: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(doing)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
