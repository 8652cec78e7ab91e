import type { Value } from '../../adapters/embedded/database';
import { EmbeddedDirectory } from '../../adapters/embedded/directory';
import { FileLog } from '../../adapters/embedded/file-log/file-log';
import { EmbeddedHistory } from '../../adapters/embedded/history';
import { EmbeddedLeases } from '../../adapters/embedded/leases';
import { EmbeddedCache } from '../../adapters/embedded/state-cache';
import { EmbeddedStates } from '../../adapters/embedded/state-store';
import { EMBEDDED_GENERATION, GenerationLog } from '../../adapters/shared/generation-log';
import { EMBEDDED_NAMES, EmbeddedStores } from '../../app/embedded-stores';
import { Dispatcher } from '../../dispatchers/dispatcher';
import { Acceptance } from '../../producers/acceptance';
import { AppendSequence } from '../../producers/append-sequence';
import { Deletions } from '../../producers/deletions';
import { NewestStates } from '../../producers/newest-states';
import { RecentIds } from '../../producers/recent-ids';
import { DedupeWindow } from '../../schemas/dedupe-window';
import type { LoggedType } from '../../schemas/event-type';
import { EventTypes } from '../../schemas/event-types';
import { MemoryDisk } from '../adapters/embedded/file-log/memory-disk';
import { virtualTime } from '../contract/time';
import { SimulatedProcess } from '../simulation/process';
import { Seeded } from '../simulation/seeded';
import { SimulatedDatabase } from '../simulation/simulated-database';
import { VirtualClock } from '../simulation/virtual-clock';

const ORIGIN = 'dc1.1';
const WINDOW_MS = 4_000;

/** Longer than the time after which an owner stores the records of a dead producer. */
export const REST_MS = 10_000;

const MODERATOR = { memberId: 'mod', isModerator: true };

/** One machine with one disk, on which the embedded mode runs, crashes and starts again. */
export class EmbeddedMachine {
  readonly clock = new VirtualClock();
  readonly time = virtualTime(this.clock);
  private readonly random: Seeded;
  private readonly disk = new MemoryDisk(this.clock);
  private readonly database: SimulatedDatabase;
  private process = new SimulatedProcess('embedded', this.clock);
  private starts = 0;
  /** `VIDEO ID` of each entry that was answered, asked for, and whose deletion was answered. */
  readonly answered = new Set<string>();
  readonly asked = new Set<string>();
  readonly deleted = new Set<string>();
  private run;

  constructor(
    seed: number,
    private readonly type: LoggedType,
    /** The body of the entries. */
    private readonly body: object,
  ) {
    this.random = new Seeded(seed);
    this.database = new SimulatedDatabase(this.clock, this.random);
    this.run = this.start();
  }

  post(video: string, ids: readonly string[]): void {
    for (const id of ids) this.asked.add(`${video} ${id}`);
    const { acceptance } = this.run;
    const { body } = this;
    const answer = acceptance.accept(
      video,
      'ann',
      ids.map((id) => ({ id, body })),
    );
    const note = () => {
      for (const id of ids) this.answered.add(`${video} ${id}`);
    };
    this.process.hear(answer).then(note, () => undefined);
  }

  delete(video: string, id: string): void {
    const deletion = this.run.deletions.delete(`video:${video}`, id, MODERATOR);
    const note = () => void this.deleted.add(`${video} ${id}`);
    this.process.hear(deletion).then(note, () => undefined);
  }

  /** The parts of the process that runs now. */
  get parts() {
    return this.run;
  }

  /** All values of the database, as text. */
  get texts(): string {
    return [...this.database.range({ from: '', to: '~' })].map(({ value }) => textOf(value)).join();
  }

  setFull(isFull: boolean): void {
    this.disk.isFull = isFull;
    this.database.full = isFull;
  }

  crash(): void {
    this.process.kill();
    this.disk.crash(() => this.random.below(1_000) / 1_000);
    this.database.crash();
    this.process = new SimulatedProcess('embedded', this.clock);
    this.run = this.start();
  }

  /** The ids in the store, as look-ups find them, and the saved total. */
  async counted(video: string): Promise<{ rows: string[]; total: number }> {
    const { rows, states } = this.run;
    const ids = [...this.asked].flatMap((name) => {
      const [of, id = ''] = name.split(' ');
      return of === video ? [id] : [];
    });
    const found = await rows.find(`video:${video}`, ids);
    const [saved] = await states.load([`video:${video}`], this.type.name);
    const counts = Object.values((saved?.state ?? {}) as Record<string, number>);
    const total = counts.reduce((sum, count) => sum + count, 0);
    return { rows: found.map(({ id }) => id), total };
  }

  private start() {
    const { type } = this;
    const types = new EventTypes([type]);
    const { clock } = this.process;
    const { entropy } = this.random.fork();
    const database = this.process.outside(this.database);
    const files = new FileLog(this.disk.mount(), clock, 2_000);
    const log = new GenerationLog(files, EMBEDDED_GENERATION, EMBEDDED_NAMES);
    this.starts += 1;
    const fatal = (error: Error): void => {
      throw error;
    };
    const stores = new EmbeddedStores({
      ...{ types, origin: ORIGIN, log: files, database, clock, fatal },
      memberId: `member-${this.starts}`,
    });
    const rows = stores.rowsOf(type);
    const states = new EmbeddedStates(database);
    const dedupe = new DedupeWindow(WINDOW_MS);
    const acceptance = new Acceptance({
      ...{ type, origin: ORIGIN, log, store: rows, clock, entropy, dedupe },
      ...{ sequence: new AppendSequence(entropy), recent: new RecentIds() },
    });
    const cache = new EmbeddedCache(types);
    const history = new EmbeddedHistory(database, type.name);
    const newest = new NewestStates({ cache, states, types, clock });
    const deletions = new Deletions({ type, log, store: rows, states: newest, clock });
    const dispatcher = new Dispatcher({
      ...{ origin: ORIGIN, types, states, cache, clock, dedupe, secret: 'secret' },
      sourceOf: (of) => stores.sourceOf(of),
      rowsOf: (of) => stores.rowsOf(of),
      historyOf: () => history,
      directory: new EmbeddedDirectory(cache),
      leases: new EmbeddedLeases(),
      workers: { watching: async (channels) => channels.map(() => []) },
      gateway: { deliver: async () => undefined },
      failed: () => undefined,
    });
    this.process.enter(() => void dispatcher.start());
    return { acceptance, cache, deletions, history, rows, states };
  }
}

function textOf(value: Value): string {
  return Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value);
}
