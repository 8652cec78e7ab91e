import fc from 'fast-check';
import '../fixtures/same-runs';
import { comments } from '../../schemas/comments';
import { EmbeddedMachine, REST_MS } from './embedded-machine';

const ORIGIN = 'dc1.1';
const VIDEOS = ['a', 'b'];
const TEXT = 'a text that someone regrets';
const LIMIT = 1_000;

const id = fc.oneof(
  fc.constantFrom('x', 'y', 'z', 'p', 'q', 'r'),
  // UUIDv7, which are packed into blocks.
  fc.nat(7).map((digit) => `00000000-000${digit}-7000-8000-000000000000`),
);
const video = fc.constantFrom(...VIDEOS);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ video, post: id }) },
  { weight: 4, arbitrary: fc.record({ video, remove: id }) },
  { weight: 5, arbitrary: fc.record({ passMs: fc.nat(1_500) }) },
  { weight: 1, arbitrary: fc.constant({ crash: true as const }) },
  { weight: 1, arbitrary: fc.record({ isFull: fc.boolean() }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function expectExact(seed: number, steps: readonly Step[]): Promise<void> {
  const machine = new EmbeddedMachine(seed, comments, { text: TEXT });
  for (const each of steps) {
    if ('post' in each) machine.post(each.video, [each.post]);
    else if ('remove' in each) machine.delete(each.video, each.remove);
    else if ('passMs' in each) await machine.time.pass(each.passMs);
    else if ('isFull' in each) machine.setFull(each.isFull);
    else machine.crash();
  }
  machine.setFull(false);
  await machine.time.pass(REST_MS);
  for (const each of VIDEOS) await expectRows(machine, each);
}

/** Rows, history and state of a video agree with each other and with the answers. */
async function expectRows(machine: EmbeddedMachine, of: string): Promise<void> {
  const { history, rows, states } = machine.parts;
  const channel = `video:${of}`;
  const written = await history.oldest({ channel, origin: ORIGIN, limit: LIMIT });
  expect(written.map(({ number }) => number)).toEqual(written.map((_, at) => at + 1));
  expect(await history.newest({ channel, origin: ORIGIN, limit: LIMIT })).toEqual(
    [...written].reverse(),
  );
  const [saved] = await states.load([channel], comments.name);
  expect(saved ? comments.policy.numberOf?.(saved.state as never) : 0).toBe(written.length);
  const deleted = new Set(written.filter((row) => row.isDeletion).map((row) => row.id));
  const posted = written.filter((row) => !row.isDeletion).map((row) => row.id);
  expect(new Set(posted).size).toBe(posted.length);
  const found = await rows.find(channel, posted);
  expect(found.map((row) => [row.id, row.isDeleted ?? false, row.body])).toEqual(
    posted.map((each) => [each, deleted.has(each), deleted.has(each) ? {} : { text: TEXT }]),
  );
  for (const name of machine.answered) {
    if (name.startsWith(`${of} `)) expect(posted).toContain(name.slice(of.length + 1));
  }
  for (const name of machine.deleted) {
    if (name.startsWith(`${of} `)) expect(deleted).toContain(name.slice(of.length + 1));
  }
}

it('each answered comment is found once, or deleted for good, after any crashes', async () => {
  const runs = fc.asyncProperty(fc.nat(), fc.array(step, { maxLength: 40 }), expectExact);
  await fc.assert(runs, { numRuns: 150 });
}, 120_000);

it('the text of a deleted comment leaves the database', async () => {
  for (const each of ['x', '00000000-0001-7000-8000-000000000000']) {
    const machine = new EmbeddedMachine(1, comments, { text: TEXT });
    machine.post('a', [each]);
    await machine.time.pass(REST_MS);
    expect(machine.texts).toContain(TEXT);
    machine.delete('a', each);
    await machine.time.pass(REST_MS);
    expect(machine.texts).not.toContain(TEXT);
  }
});
