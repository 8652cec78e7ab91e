import { ProcessBeats, RunningProcesses } from '../../../adapters/cassandra/process-beats';
import { VirtualClock } from '../../simulation/virtual-clock';

/** The table of beats in memory: the write with the greatest timestamp wins. */
class Table {
  readonly rows = new Map<string, { role: unknown; origin: unknown; beat: number; at: number }>();
  isAway = false;

  async execute(query: string, values: unknown[]) {
    if (this.isAway) throw new Error('away');
    if (query.startsWith('INSERT')) this.insert(values);
    if (query.startsWith('DELETE')) this.rows.delete(String(values[2]));
    return { rows: query.startsWith('SELECT') ? this.found() : [] };
  }

  private insert([, id, role, origin, beat, at]: unknown[]): void {
    const before = this.rows.get(String(id));
    if (before && before.at > Number(at)) return;
    this.rows.set(String(id), { role, origin, beat: Number(beat), at: Number(at) });
  }

  private found() {
    return [...this.rows].map(([id, row]) => {
      const all = new Map<string, unknown>(Object.entries({ id, ...row }));
      return { get: (name: string) => all.get(name) };
    });
  }
}

function ground() {
  const [clock, table] = [new VirtualClock(), new Table()];
  const processOf = (id: string) => {
    const own = { datacenter: 'dc1', id, role: 'producer', origin: 'dc1.1' };
    return new ProcessBeats(table, own, clock, () => undefined);
  };
  const running = new RunningProcesses(table, 'dc1', clock);
  const watch = async (): Promise<string[]> => {
    const watched = running.watch();
    await clock.advance(10_000);
    return watched;
  };
  return { clock, processOf, running, table, watch };
}

it('finds a process whose beat rises', async () => {
  const { clock, processOf, table, watch } = ground();
  expect(await watch()).toEqual([]);
  const beats = processOf('one');
  await beats.start();
  expect(await watch()).toEqual(['ROLE=producer on dc1.1']);
  table.isAway = true;
  await clock.advance(60_000);
  table.isAway = false;
  expect(await watch()).toEqual(['ROLE=producer on dc1.1']);
  await beats.stop();
  expect(table.rows.size).toBe(0);
  expect(await watch()).toEqual([]);
});

it('does not find a killed process, although its record still exists', async () => {
  const { processOf, table, watch } = ground();
  const beats = processOf('one');
  await beats.start();
  table.rows.set('killed', { role: 'producer', origin: 'dc1.1', beat: 7, at: 7 });
  await beats.stop();
  expect(table.rows.size).toBe(1);
  expect(await watch()).toEqual([]);
});

it('finds a process that started after the watch in the next read', async () => {
  const { processOf, running, watch } = ground();
  expect(await watch()).toEqual([]);
  const beats = processOf('late');
  await beats.start();
  expect(await running.changed()).toEqual(['ROLE=producer on dc1.1']);
  await beats.stop();
});
