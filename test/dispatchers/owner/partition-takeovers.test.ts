import fc from 'fast-check';
import '../../fixtures/same-runs';
import type { LogRecord } from '../../../adapters/log-source';
import type { Partition } from '../../../dispatchers/owner/partition';
import type { Update } from '../../../schemas/delivery';
import { mergeVectors, type Vector } from '../../../schemas/state';
import { VIDEO } from '../../fixtures/records';
import { policy, type State } from '../../schemas/policies/append-parts';
import { ORIGIN } from '../parts';
import { commented, commentGround, deleted } from './comment-parts';

/** Logs of comments, of which some are deleted later. */
const logs = fc
  .array(fc.option(fc.nat(), { freq: 5 }), { minLength: 1, maxLength: 80 })
  .map((steps) =>
    steps.map((of, offset): LogRecord => {
      return of === null || offset === 0 ? commented(offset) : deleted(offset, `c${of % offset}`);
    }),
  );

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('consume' as const), count: fc.integer({ min: 1, max: 30 }) }),
    fc.record({ kind: fc.constant('checkpoint' as const), isStored: fc.boolean() }),
    fc.record({ kind: fc.constant('takeover' as const), isHalted: fc.boolean() }),
    fc.record({ kind: fc.constant('halted' as const), count: fc.integer({ min: 1, max: 30 }) }),
  ),
  { maxLength: 30 },
);

type Step = typeof steps extends fc.Arbitrary<readonly (infer Item)[]> ? Item : never;

/** A receiver of all updates, in the order of their making, and what it shows one viewer. */
class Receiver {
  vector: Vector = {};
  private readonly seen = { total: 0, versions: new Map<string, number>() };
  readonly shown: number[] = [];
  /** The offsets that gaps leave out. */
  readonly leftOut = new Set<number>();

  receive(updates: readonly Update[]): void {
    for (const { vector, whole } of updates) {
      this.vector = mergeVectors(policy.merge as never, this.vector, vector);
      expect(whole?.[ORIGIN]?.version).toBe(vector[ORIGIN]?.version);
      this.show();
    }
  }

  private show(): void {
    const view = policy.view(this.vector as Vector<State['state']>);
    const context = { oldestAt: 0, seen: '', channelId: '42', maxEntries: 50 };
    for (const { data, event } of policy.news(view, this.seen, context)) {
      const { history = '', place = '' } = data as { history?: string; place?: string };
      if (event === 'comment') this.shown.push(Number(place.split('@')[1]));
      if (event === 'gap') this.leave(history);
    }
    this.seen.versions.set(ORIGIN, this.vector[ORIGIN]?.version ?? -1);
  }

  private leave(history: string): void {
    const [from = '-1', to = '-1'] = [...history.matchAll(/=(?:dc1\.1@(\d+))?/g)].map(
      ([, offset]) => offset,
    );
    for (let at = Number(from) + 1; at <= Number(to); at++) this.leftOut.add(at);
  }
}

/** Owners of one partition, one after the other; the one before may still run, halted. */
class Owners {
  readonly parts = commentGround();
  readonly receiver = new Receiver();
  private committed = { done: 0, from: 0 };
  private readonly current = { owner: this.parts.open(), next: 0 };
  private halted: { owner: Partition; next: number } | undefined;

  constructor(private readonly log: readonly LogRecord[]) {}

  async take(step: Step): Promise<void> {
    if (step.kind === 'consume') await this.consume(this.current, step.count);
    if (step.kind === 'checkpoint') await this.checkpoint(step.isStored);
    if (step.kind === 'takeover') this.takeOver(step.isHalted);
    if (step.kind === 'halted' && this.halted) await this.consume(this.halted, step.count);
  }

  async finish(): Promise<void> {
    await this.consume(this.current, this.log.length);
    await this.checkpoint(true);
  }

  private async consume(of: { owner: Partition; next: number }, count: number): Promise<void> {
    const batch = this.log.slice(of.next, of.next + count);
    if (batch.length === 0) return;
    of.next += batch.length;
    const publications = await of.owner.consume(batch);
    this.receiver.receive(publications.map(({ update }) => update));
  }

  private async checkpoint(isStored: boolean): Promise<void> {
    this.parts.history.isUnavailable = !isStored;
    const result = await this.current.owner.checkpoint().catch(() => undefined);
    this.parts.history.isUnavailable = false;
    if (result) this.committed = { ...result.position, from: 0 };
  }

  private takeOver(isHalted: boolean): void {
    const end = Math.max(this.current.next, this.halted?.next ?? 0);
    this.halted = isHalted ? { ...this.current } : undefined;
    this.current.owner = this.parts.open({ ...this.committed, end });
    this.current.next = 0;
  }
}

describe('owners of comments that take over from each other', () => {
  it('publish each comment once or behind a gap, and write one history', async () => {
    await fc.assert(
      fc.asyncProperty(logs, steps, async (log, all) => {
        const owners = new Owners(log);
        for (const step of all) await owners.take(step);
        await owners.finish();
        const { parts, receiver } = owners;
        const comments = log.flatMap(({ offset, value }) =>
          value.includes('entries') ? offset : [],
        );
        const deletions = new Set(log.map(({ value }) => JSON.parse(value).deletes));
        expect(receiver.shown).toEqual([...new Set(receiver.shown)].sort((a, b) => a - b));
        for (const offset of comments) {
          const times =
            Number(receiver.shown.includes(offset)) + Number(receiver.leftOut.has(offset));
          if (!deletions.has(`c${offset}`)) expect(times).toBe(1);
        }
        const rows = [...parts.history.rows.values()];
        expect(rows.map(({ number }) => number).sort((a, b) => a - b)).toEqual(
          log.map((_, index) => index + 1),
        );
        const saved = parts.saved();
        expect([saved?.version, saved?.state.count]).toEqual([log.length - 1, log.length]);
        for (const id of deletions) {
          if (id !== undefined) expect(parts.store.removed.has(`${VIDEO}/${id}`)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });
});
