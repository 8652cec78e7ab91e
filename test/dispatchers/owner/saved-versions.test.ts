import { lossError } from '../../../adapters/shared/log-loss';
import { Fold } from '../../../dispatchers/owner/fold';
import { SavedVersions } from '../../../dispatchers/owner/saved-versions';
import { LikestreamError } from '../../../schemas/errors';
import { likes } from '../../../schemas/likes';
import { VIDEO } from '../../fixtures/records';
import { counted, FakeStates, ORIGIN, types } from '../parts';

const END = 10;

/** A fold on a log that had `END` when the owner began, and has `now` afterwards. */
function use(now = END) {
  const states = new FakeStates();
  const log = { end: now, isUnavailable: false, asked: [] as number[] };
  const versions = new SavedVersions(ORIGIN, END, async (known) => {
    log.asked.push(known);
    if (log.isUnavailable) throw new LikestreamError('log_unavailable');
    const loss = { from: log.end, to: known, reason: 'the log ends before these' };
    if (log.end < known) throw lossError('likes', 0, loss);
    return log.end;
  });
  const save = (version: number, origin = ORIGIN, channel = VIDEO) =>
    states.save([{ channel, type: 'likes', origin, ...counted(version, { like: 1 }) }]);
  return { fold: new Fold({ origin: ORIGIN, type: likes, types, states, versions }), log, save };
}

describe('a saved state whose version', () => {
  it('is at or beyond the end of its log is refused, and names the lost records', async () => {
    const { fold, save } = use();
    await save(END + 2);
    const load = () => fold.load(new Set([VIDEO]));
    await expect(load()).rejects.toMatchObject({ code: 'log_mismatch', retriable: false });
    await expect(load()).rejects.toThrow(`partition 0 has lost records ${END} to ${END + 2}`);
  });

  it.each([0, END - 1])(
    'is %i, before the end, is loaded without a look at the log',
    async (at) => {
      const { fold, log, save } = use();
      await save(at);
      await fold.load(new Set([VIDEO]));
      expect(fold.vector(VIDEO)).toMatchObject({ [ORIGIN]: { version: at } });
      expect(log.asked).toEqual([]);
    },
  );

  it('an earlier owner saved after this one began is loaded', async () => {
    const { fold, log, save } = use(END + 5);
    await save(END + 4);
    await save(END + 4, ORIGIN, 'video:other');
    await fold.load(new Set([VIDEO]));
    await fold.load(new Set(['video:other']));
    expect(log.asked).toEqual([END + 5]);
  });

  it('this owner has saved and evicted is loaded again without a look at the log', async () => {
    const { fold, log, save } = use();
    await fold.load(new Set(['video:other']));
    fold.count('video:other', [], END + 3);
    await save(END + 3);
    await fold.load(new Set([VIDEO]));
    expect(log.asked).toEqual([]);
  });

  it.each(['dc1.2', 'dc2.1'])('belongs to the log of %s is not compared', async (origin) => {
    const { fold, log, save } = use();
    await save(1_000, origin);
    await fold.load(new Set([VIDEO]));
    expect(log.asked).toEqual([]);
  });

  it('cannot be compared now is loaded later', async () => {
    const { fold, log, save } = use(END + 5);
    await save(END + 4);
    log.isUnavailable = true;
    const load = () => fold.load(new Set([VIDEO]));
    await expect(load()).rejects.toMatchObject({ code: 'log_unavailable' });
    log.isUnavailable = false;
    await load();
    expect(fold.vector(VIDEO)).toHaveProperty([ORIGIN]);
  });

  it('is newer than the loaded one is refused when it is loaded again, too', async () => {
    const { fold, save } = use();
    await fold.load(new Set([VIDEO]));
    await save(END);
    const reload = fold.reload(new Set([VIDEO]));
    await expect(reload).rejects.toMatchObject({ code: 'log_mismatch' });
  });
});
