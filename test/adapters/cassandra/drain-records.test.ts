import { DrainRecords } from '../../../adapters/cassandra/drain-records';
import { knownLogs } from '../../../adapters/cassandra/known-logs';

type Row = Readonly<Record<string, unknown>>;

interface Written {
  readonly value: unknown;
  readonly timestamp: number;
}

/** The tables `drains` and `logs`; the write with the greatest timestamp stays. */
class FakeRecords {
  readonly logs: Row[] = [];
  private readonly states = new Map<string, Written>();
  private readonly ends = new Map<string, Written>();

  async execute(query: string, values: unknown[]) {
    const rows = query.startsWith('UPDATE') ? this.update(query, values) : this.read(query, values);
    return { rows: rows.map((row) => ({ get: (name: string) => row[name] ?? null })) };
  }

  private update(query: string, [timestamp, value, ...key]: unknown[]): Row[] {
    const cells = query.includes('end_offset') ? this.ends : this.states;
    const before = cells.get(key.join(' '))?.timestamp ?? -1;
    const at = Number(timestamp);
    if (at >= before) cells.set(key.join(' '), { value, timestamp: at });
    return [];
  }

  private read(query: string, [origin]: unknown[]): Row[] {
    if (query.includes('FROM logs')) return this.logs;
    if (query.includes('DISTINCT')) {
      return [...this.states].map(([name, { value }]) => ({ origin: name, state: value }));
    }
    const state = this.states.get(String(origin));
    if (query.includes('WRITETIME')) {
      return state ? [{ state: state.value, written: state.timestamp }] : [];
    }
    const ends = [...this.ends].flatMap(([name, { value }]) => {
      const [of, type, partition] = name.split(' ');
      return of === origin ? [{ type, partition: Number(partition), end_offset: value }] : [];
    });
    // A partition of the table without rows has its static columns alone.
    return ends.length > 0 || !state ? ends : [{ state: state.value }];
  }
}

function open(now = 1_000) {
  const client = new FakeRecords();
  let time = now;
  const records = new DrainRecords(client, () => time);
  const setTime = (to: number): void => {
    time = to;
  };
  return { client, records, setTime };
}

describe('DrainRecords', () => {
  it('returns the recorded ends of each partition of each event type', async () => {
    const { records } = open();
    const ends = new Map([
      [
        'likes',
        new Map([
          [0, 7],
          [11, 0],
        ]),
      ],
      ['poll-votes', new Map([[0, 3]])],
    ]);
    await records.set('dc1.1', 'drained', ends);
    await records.set('dc2.1', 'drained', new Map([['likes', new Map([[0, 9]])]]));
    expect(await records.ends('dc1.1')).toEqual(ends);
    expect(await records.state('dc1.1')).toBe('drained');
  });

  it('has no ends of an origin that has only a state, or nothing', async () => {
    const { records } = open();
    await records.set('dc1.1', 'draining');
    expect([...(await records.ends('dc1.1'))]).toEqual([]);
    expect([...(await records.ends('dc9.1'))]).toEqual([]);
    expect(await records.state('dc9.1')).toBeUndefined();
  });

  it('replaces a state also if the clock has stepped back since', async () => {
    const { records, setTime } = open();
    await records.set('dc1.1', 'draining');
    setTime(10);
    await records.set('dc1.1', 'drained', new Map([['likes', new Map([[0, 5]])]]));
    await records.set('dc1.1', 'serving');
    expect([...(await records.states())]).toEqual([['dc1.1', 'serving']]);
  });
});

describe('knownLogs', () => {
  it('returns each origin once, though it has a topic for each event type', async () => {
    const { client, records } = open();
    await records.set('dc1.1', 'drained');
    const log = (origin: string, topic: string) => ({ origin, topic, partitions: 24 });
    client.logs.push(log('dc1.1', 'likes'), log('dc1.1', 'updates.likes'), log('dc1.2', 'likes'));
    expect(await knownLogs(client, records)).toEqual([
      { origin: 'dc1.1', partitions: 24, state: 'drained' },
      { origin: 'dc1.2', partitions: 24, state: undefined },
    ]);
  });
});
