import fc from 'fast-check';
import { createTally, type Own, type Tally } from '../../client/tally';

const REACTIONS = ['like', 'love'];

/** A log of one origin, as the server counts it; `-1` is a cancel of an earlier copy. */
class World {
  readonly log: { readonly reaction: string; readonly by: number }[] = [];
  readonly tally: Tally = createTally();
  private readonly offsets = new Map<Own, number>();
  private shownOffset = -1;
  private ids = 0;
  /** Whether something has happened after which a number may become smaller. */
  mayStepBack = false;

  append(reaction: string, by = 1): number {
    return this.log.push({ reaction, by }) - 1;
  }

  /** Sends the state up to an offset that is not older than the last one. */
  show(back: number): void {
    this.shownOffset = Math.max(this.shownOffset, this.log.length - 1 - back);
    this.tally.state(this.countsTo(this.shownOffset), `dc1.1@${this.shownOffset}`);
  }

  tap(reaction: string): void {
    const like = { likeId: String(this.ids++), reaction, place: '' };
    this.tally.own.add(like);
    this.tally.move(like, 1);
  }

  /** A request arrives; its answer may be lost, and then it comes again. */
  arrive(at: number): void {
    const like = this.waiting[at % Math.max(1, this.waiting.length)];
    if (!like) return;
    const offset = this.offsets.get(like);
    // A repeat is a second record, which is not counted; it may be the one that is answered.
    if (offset === undefined) this.offsets.set(like, this.append(like.reaction ?? ''));
    else this.append(like.reaction ?? '', 0);
  }

  answer(at: number, isOfRepeat: boolean): void {
    const like = this.waiting[at % Math.max(1, this.waiting.length)];
    if (!like) return;
    if (!this.offsets.has(like)) this.arrive(this.waiting.indexOf(like));
    const offset = isOfRepeat ? this.append(like.reaction ?? '', 0) : this.offsets.get(like);
    like.place = `dc1.1@${offset}`;
  }

  refuse(at: number): void {
    const like = this.waiting.filter((each) => !this.offsets.has(each))[at];
    if (!like) return;
    this.tally.own.delete(like);
    this.tally.move(like, -1);
    this.mayStepBack = true;
  }

  cancel(reaction: string): void {
    if ((this.countsTo(this.log.length - 1)[reaction] ?? 0) === 0) return;
    this.append(reaction, -1);
    this.mayStepBack = true;
  }

  /** What the server will have counted once each own like has arrived. */
  get truth(): number {
    const arrived = this.log.reduce((sum, { by }) => sum + by, 0);
    return arrived + this.waiting.filter((like) => !this.offsets.has(like)).length;
  }

  private get waiting(): Own[] {
    return [...this.tally.own].filter(({ place }) => !place);
  }

  private countsTo(offset: number): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { by, reaction } of this.log.slice(0, offset + 1)) {
      counts[reaction] = (counts[reaction] ?? 0) + by;
    }
    return counts;
  }

  settle(): void {
    while (this.waiting.length > 0) this.answer(0, false);
    this.show(0);
  }
}

const reaction = fc.constantFrom(...REACTIONS);
const steps = {
  other: fc.tuple(fc.constant('other'), reaction),
  tap: fc.tuple(fc.constant('tap'), reaction),
  show: fc.tuple(fc.constant('show'), fc.nat({ max: 3 })),
  arrive: fc.tuple(fc.constant('arrive'), fc.nat({ max: 5 })),
  answer: fc.tuple(fc.constant('answer'), fc.nat({ max: 5 })),
  again: fc.tuple(fc.constant('again'), fc.nat({ max: 5 })),
  refuse: fc.tuple(fc.constant('refuse'), fc.nat({ max: 2 })),
};
const cancel = fc.tuple(fc.constant('cancel'), reaction);

function run(world: World, [kind, value]: readonly [string, string | number]): void {
  if (kind === 'other') world.append(String(value));
  if (kind === 'tap') world.tap(String(value));
  if (kind === 'show') world.show(Number(value));
  if (kind === 'arrive') world.arrive(Number(value));
  if (kind === 'answer') world.answer(Number(value), false);
  if (kind === 'again') world.answer(Number(value), true);
  if (kind === 'refuse') world.refuse(Number(value));
  if (kind === 'cancel') world.cancel(String(value));
}

describe('what a page shows', () => {
  it('is never above the truth, never steps back by itself, and is exact at the end', () => {
    const history = fc.array(fc.oneof(...Object.values(steps)), { maxLength: 60 });
    fc.assert(
      fc.property(history, (given) => {
        const world = new World();
        let before = 0;
        for (const step of given) {
          run(world, step);
          const total = world.tally.take()?.total;
          if (total === undefined) continue;
          expect(total).toBeLessThanOrEqual(world.truth);
          if (!world.mayStepBack) expect(total).toBeGreaterThanOrEqual(before);
          world.mayStepBack = false;
          before = total;
        }
        world.settle();
        expect(world.tally.take()?.total).toBe(world.truth);
        expect(world.tally.own.size).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('is exact at the end, also after cancels', () => {
    const history = fc.array(fc.oneof(...Object.values(steps), cancel), { maxLength: 60 });
    fc.assert(
      fc.property(history, (given) => {
        const world = new World();
        for (const step of given) {
          run(world, step);
          world.tally.take();
        }
        world.settle();
        expect(world.tally.take()?.total).toBe(world.truth);
      }),
      { numRuns: 500 },
    );
  });

  it('has an own tap at once, and once', () => {
    const world = new World();
    world.append('like');
    world.show(0);
    expect(world.tally.take()).toMatchObject({ total: 1, others: {} });
    world.tap('love');
    expect(world.tally.take()).toMatchObject({ total: 2, reactions: { love: 1 }, others: {} });
    world.arrive(0);
    world.show(0);
    expect(world.tally.take()).toMatchObject({ total: 2, others: {} });
    world.answer(0, false);
    expect(world.tally.take()).toMatchObject({ total: 2, others: {} });
  });

  it('says how many likes of others came, and leaves the own ones out', () => {
    const world = new World();
    world.show(0);
    world.tally.take();
    world.tap('like');
    world.append('like');
    world.append('love');
    world.show(0);
    world.tally.take();
    world.settle();
    expect(world.tally.take()).toMatchObject({ total: 3, others: { like: 1 } });
  });
});
