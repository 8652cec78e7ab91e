import type { Cooldown, Cooldowns } from '../../adapters/cooldowns';
import { Pace } from '../../producers/pace';
import { backend, notes } from './parts';

const TYPE = { ...notes(false), isSlowable: true };
const SLOW_MS = 30_000;

/** Cooldowns by a clock that the test sets. */
class FakeCooldowns implements Cooldowns {
  now = 0;
  readonly running = new Map<string, { readonly holder: string; readonly endsAt: number }>();

  async begin({ holder, name }: Cooldown, ms: number): Promise<number> {
    const before = this.running.get(name);
    if (before && before.endsAt > this.now) {
      return before.holder === holder ? 0 : before.endsAt - this.now;
    }
    this.running.set(name, { holder, endsAt: this.now + ms });
    return 0;
  }

  async end({ holder, name }: Cooldown): Promise<void> {
    if (this.running.get(name)?.holder === holder) this.running.delete(name);
  }
}

function paced(slowMs = SLOW_MS) {
  const parts = backend(TYPE);
  const cooldowns = new FakeCooldowns();
  const pace = new Pace({ ...parts, cooldowns, facts: { slowModeMs: () => slowMs } });
  const post = async (id: string | undefined, memberId = 'ann', text = 'hello') => {
    const [result] = await pace.accept('7', memberId, [{ id, body: { text } }]);
    if (!result) throw new Error('there is no result');
    return result;
  };
  return { ...parts, cooldowns, pace, post };
}

it('limits nothing without slow mode', async () => {
  const { cooldowns, log, post } = paced(0);
  for (const id of ['a', 'b', undefined]) await post(id);
  expect(log.logged).toHaveLength(3);
  expect(cooldowns.running.size).toBe(0);
});

it('accepts one entry of a member in the time, and says when the next one may come', async () => {
  const { cooldowns, log, post } = paced();
  await post('a');
  cooldowns.now = 12_000;
  const refused = { code: 'too_soon', retryAfterMs: SLOW_MS - 12_000 };
  await expect(post('b')).rejects.toMatchObject(refused);
  await expect(post(undefined)).rejects.toMatchObject(refused);
  await post('c', 'bob');
  cooldowns.now = SLOW_MS;
  await post('b');
  expect(log.logged.map(({ id }) => id)).toEqual(['a', 'c', 'b']);
});

it('answers a repeated id with the first entry, and it takes no turn', async () => {
  const { cooldowns, post } = paced();
  const first = await post('a');
  expect(first.isNew).toBe(true);
  expect(await post('a')).toEqual({ entry: first.entry, isNew: false });
  cooldowns.now = SLOW_MS;
  expect(await post('a')).toEqual({ entry: first.entry, isNew: false });
  expect((await post('b')).isNew).toBe(true);
});

it('answers a young id that another process has accepted with the first entry', async () => {
  const { clock, entropy, log, post, store } = paced();
  const id = entropy.timedId(clock.now());
  await store.insert('book:7', [{ id, memberId: 'ann', at: 1, body: { text: 'x' }, offset: 9 }]);
  await post('a');
  expect(await post(id)).toMatchObject({ isNew: false, entry: { id, place: 'dc1.1@9' } });
  expect(log.logged.map((entry) => entry.id)).toEqual(['a']);
});

it.each([undefined, 'a'])('a refused entry with the id %s takes no turn', async (id) => {
  const { cooldowns, log, post } = paced();
  log.refuses = true;
  await expect(post(id)).rejects.toMatchObject({ code: 'log_refused' });
  expect(cooldowns.running.size).toBe(0);
  log.refuses = false;
  expect((await post('b')).isNew).toBe(true);
});

it('two requests with one id at once are one entry and one turn', async () => {
  const { log, post } = paced();
  const results = await Promise.all([post('a'), post('a')]);
  expect(results.map(({ isNew }) => isNew).sort()).toEqual([false, true]);
  expect(log.logged).toHaveLength(1);
});

it('refuses lists in slow mode', async () => {
  const { pace } = paced();
  const list = ['a', 'b'].map((id) => ({ id, body: { text: id } }));
  await expect(pace.accept('7', 'ann', list)).rejects.toMatchObject({ code: 'too_soon' });
});
