import { MIN_GAP_MS } from '../../../dispatchers/delivery/dispatch';
import { comments } from '../../../schemas/comments';
import { mergeUpdates, type Update } from '../../../schemas/delivery';
import { EventTypes } from '../../../schemas/event-types';
import { SharedUpdate } from '../../../schemas/shared-update';
import { delta, type State, statesOf } from '../../schemas/policies/append-parts';
import { dispatching } from './dispatching';

const ALL = statesOf(
  [0, 1, 2, 3].map((offset) => ({ offset, id: `c${offset}`, text: 'text', at: offset })),
);
const types = new EventTypes([comments]);

/** An update after the record at an offset, with what is new since another one. */
function update(to: number, since: number): Update {
  const state = ALL[to] as State;
  const vector = { 'dc1.1': delta(state, since) };
  return { channel: 'video:1', type: 'comments', vector, t: to, whole: { 'dc1.1': state } };
}

describe('an update with deltas', () => {
  it('is cached as a whole, and delivered as it is', async () => {
    const { cache, clock, dispatch, mail } = await dispatching(types);
    for (const each of [update(0, -1), update(2, 0)]) {
      dispatch.changed([each]);
      await clock.advance(MIN_GAP_MS);
    }
    expect((await cache.get(['video:1'])).get('video:1')).toEqual({
      comments: { 'dc1.1': ALL[2] },
    });
    const [, last] = mail.map(([, [sent]]) => sent?.vector['dc1.1']);
    expect(last).toEqual(delta(ALL[2] as State, 0));
    expect(JSON.stringify(mail)).not.toContain('whole');
  });

  it('is merged with a waiting one, whole and delta, in either order', () => {
    for (const [one, other] of [
      [update(1, -1), update(3, 1)],
      [update(3, 1), update(1, -1)],
    ] as const) {
      const merged = mergeUpdates(types, one, other);
      expect(merged.whole).toEqual({ 'dc1.1': ALL[3] });
      expect(merged.vector).toEqual({ 'dc1.1': ALL[3] });
    }
    const apart = mergeUpdates(types, update(1, 0), update(3, 2));
    expect(apart.whole).toEqual({ 'dc1.1': ALL[3] });
    expect(apart.vector).toEqual({ 'dc1.1': delta(ALL[3] as State, 2) });
  });

  it('is repeated with both after a failure, and loses nothing to an older one', async () => {
    const { cache, clock, dispatch, mail, trouble, turn } = await dispatching(types);
    trouble.cache = true;
    dispatch.changed([update(1, -1)]);
    await turn();
    trouble.cache = false;
    dispatch.changed([update(3, 1)]);
    await clock.advance(1_000);
    expect((await cache.get(['video:1'])).get('video:1')).toEqual({
      comments: { 'dc1.1': ALL[3] },
    });
    const versions = mail.map(([, [sent]]) => sent?.vector['dc1.1']?.version);
    expect(versions).toContain(3);
  });

  it('has no whole state for several frontends', () => {
    const shared = SharedUpdate.of(update(3, 2)).mergedOnto(SharedUpdate.of(update(2, 1)), types);
    expect(shared.json).not.toContain('whole');
    expect(shared.vector).toEqual({ 'dc1.1': delta(ALL[3] as State, 1) });
  });
});
