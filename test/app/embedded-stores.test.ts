import fc from 'fast-check';
import '../fixtures/same-runs';
import { likes } from '../../schemas/likes';
import { EmbeddedMachine, REST_MS } from './embedded-machine';

const VIDEOS = ['a', 'b'];

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
  const machine = new EmbeddedMachine(seed, likes, { reaction: 'like' });
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
