import fc from 'fast-check';
import { EmbeddedDirectory } from '../../adapters/embedded/directory';
import { FileLog } from '../../adapters/embedded/file-log/file-log';
import { EmbeddedLeases } from '../../adapters/embedded/leases';
import { EmbeddedCache } from '../../adapters/embedded/state-cache';
import { EmbeddedStates } from '../../adapters/embedded/state-store';
import { EMBEDDED_GENERATION, GenerationLog } from '../../adapters/shared/generation-log';
import { EMBEDDED_NAMES, EmbeddedStores } from '../../app/embedded-stores';
import { Dispatcher } from '../../dispatchers/dispatcher';
import { Acceptance } from '../../producers/acceptance';
import { AppendSequence } from '../../producers/append-sequence';
import { RecentIds } from '../../producers/recent-ids';
import { DedupeWindow } from '../../schemas/dedupe-window';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import { MemoryDisk } from '../adapters/embedded/file-log/memory-disk';
import { virtualTime } from '../contract/time';
import { SimulatedProcess } from '../simulation/process';
import { Seeded } from '../simulation/seeded';
import { SimulatedDatabase } from '../simulation/simulated-database';
import { VirtualClock } from '../simulation/virtual-clock';

const ORIGIN = 'dc1.1';
const WINDOW_MS = 4_000;
const VIDEOS = ['a', 'b'];
const TYPES = new EventTypes([likes]);

/** Longer than the time after which an owner stores the records of a dead producer. */
const REST_MS = 10_000;

/** One machine with one disk, on which the embedded mode runs, crashes and starts again. */
class Machine {
  readonly clock = new VirtualClock();
  readonly time = virtualTime(this.clock);
  private readonly random: Seeded;
  private readonly disk = new MemoryDisk(this.clock);
  private readonly database: SimulatedDatabase;
  private process = new SimulatedProcess('embedded', this.clock);
  private starts = 0;
  readonly answered = new Set<string>();
  readonly asked = new Set<string>();
  private run;

  constructor(seed: number) {
    this.random = new Seeded(seed);
    this.database = new SimulatedDatabase(this.clock, this.random);
    this.run = this.start();
  }

  post(video: string, ids: readonly string[]): void {
    for (const id of ids) this.asked.add(`${video} ${id}`);
    const { acceptance } = this.run;
    const body = { reaction: 'like' };
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
    const [saved] = await states.load([`video:${video}`], likes.name);
    const counts = Object.values((saved?.state ?? {}) as Record<string, number>);
    const total = counts.reduce((sum, count) => sum + count, 0);
    return { rows: found.map(({ id }) => id), total };
  }

  private start() {
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
      ...{ types: TYPES, origin: ORIGIN, log: files, database, clock, fatal },
      memberId: `member-${this.starts}`,
    });
    const rows = stores.rowsOf(likes);
    const states = new EmbeddedStates(database);
    const dedupe = new DedupeWindow(WINDOW_MS);
    const acceptance = new Acceptance({
      ...{ type: likes, origin: ORIGIN, log, store: rows, clock, entropy, dedupe },
      ...{ sequence: new AppendSequence(entropy), recent: new RecentIds() },
    });
    const cache = new EmbeddedCache(TYPES);
    const dispatcher = new Dispatcher({
      ...{ origin: ORIGIN, types: TYPES, states, cache, clock, dedupe, secret: 'secret' },
      sourceOf: (type) => stores.sourceOf(type),
      rowsOf: (type) => stores.rowsOf(type),
      directory: new EmbeddedDirectory(cache),
      leases: new EmbeddedLeases(),
      workers: { watching: async (channels) => channels.map(() => []) },
      gateway: { deliver: async () => undefined },
      failed: () => undefined,
    });
    this.process.enter(() => void dispatcher.start());
    return { acceptance, rows, states };
  }
}

const id = fc.oneof(
  fc.constantFrom('x', 'y', 'z', 'p', 'q', 'r', 's', 't'),
  // UUIDv7, which are packed into blocks.
  fc.nat(7).map((digit) => `00000000-000${digit}-7000-8000-000000000000`),
);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      video: fc.constantFrom(...VIDEOS),
      ids: fc.array(id, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ passMs: fc.nat(1_500) }) },
  { weight: 1, arbitrary: fc.constant({ crash: true as const }) },
  { weight: 1, arbitrary: fc.record({ isFull: fc.boolean() }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function expectExact(seed: number, steps: readonly Step[]): Promise<void> {
  const machine = new Machine(seed);
  for (const each of steps) {
    if ('ids' in each) machine.post(each.video, each.ids);
    else if ('passMs' in each) await machine.time.pass(each.passMs);
    else if ('isFull' in each) machine.setFull(each.isFull);
    else machine.crash();
  }
  machine.setFull(false);
  await machine.time.pass(REST_MS);
  for (const video of VIDEOS) {
    const { rows, total } = await machine.counted(video);
    const answered = [...machine.answered].filter((name) => name.startsWith(`${video} `));
    expect(rows).toEqual(expect.arrayContaining(answered.map((name) => name.split(' ')[1])));
    expect(new Set(rows).size).toBe(rows.length);
    expect(total).toBe(rows.length);
  }
}

it('counts and finds each answered entry once, after any crashes and full disks', async () => {
  const runs = fc.asyncProperty(fc.nat(), fc.array(step, { maxLength: 30 }), expectExact);
  await fc.assert(runs, { numRuns: 150 });
}, 60_000);
