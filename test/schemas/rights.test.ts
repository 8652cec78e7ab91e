import fc from 'fast-check';
import '../fixtures/same-runs';
import { ClaimedRights, MEMBER_RIGHTS, rightsClaim, WATCH_RIGHTS } from '../../schemas/rights';

function rights(claim: unknown): ClaimedRights {
  return new ClaimedRights(rightsClaim.parse(claim));
}

describe('the rights of a claim', () => {
  it('are those of the contract’s example', () => {
    const some = rights({
      watch: ['video:*'],
      write: ['likes:video:42', 'comments:*'],
      moderate: ['video:7'],
    });
    expect([some.mayWatch('video:1'), some.mayWatch('member:1')]).toEqual([true, false]);
    expect([some.mayWrite('likes', 'video:42'), some.mayWrite('likes', 'video:421')]).toEqual([
      ...[true, false],
    ]);
    expect([some.mayWrite('comments', 'video:9'), some.mayWrite('poll', 'video:42')]).toEqual([
      ...[true, false],
    ]);
    expect([some.mayModerate('video:7'), some.mayModerate('video:8')]).toEqual([true, false]);
    expect(some.mayPublish('video:42')).toBe(false);
  });

  it('are none for a list that is missing or empty', () => {
    for (const claim of [{}, { watch: [], write: [] }]) {
      const none = rights(claim);
      expect([none.mayWatch('video:1'), none.mayWrite('likes', 'video:1')]).toEqual([false, false]);
      expect([none.mayModerate('video:1'), none.mayPublish('video:1')]).toEqual([false, false]);
    }
  });

  it.each([
    [null],
    ['video:*'],
    [[]],
    [{ watch: 'video:*' }],
    [{ write: [1] }],
    [{ publish: null }],
  ])('do not exist for the malformed claim %j', (claim) => {
    expect(rightsClaim.safeParse(claim).success).toBe(false);
  });

  it('match a pattern as a prefix only if it ends with `*`', () => {
    const name = fc.stringMatching(/^[a-z:*]{0,6}$/);
    fc.assert(
      fc.property(fc.array(name, { maxLength: 4 }), name, (watch, channel) => {
        const expected = watch.some((pattern) =>
          pattern.at(-1) === '*'
            ? channel.slice(0, pattern.length - 1) === pattern.slice(0, -1)
            : pattern === channel,
        );
        expect(rights({ watch }).mayWatch(channel)).toBe(expected);
      }),
    );
  });

  it('never grow if a pattern is removed', () => {
    const pattern = fc.stringMatching(/^(likes|comments|\*)(:(video|\*)(:[1-3*])?)?$/);
    const channel = fc.constantFrom('video:1', 'video:2', 'member:3');
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1 }), channel, (write, name) => {
        const [all, fewer] = [rights({ write }), rights({ write: write.slice(1) })];
        if (fewer.mayWrite('likes', name)) expect(all.mayWrite('likes', name)).toBe(true);
      }),
    );
  });
});

describe('the rights without a claim', () => {
  it('are to watch and to write everything', () => {
    expect(MEMBER_RIGHTS.mayWatch('video:1') && MEMBER_RIGHTS.mayWrite('x', 'video:1')).toBe(true);
    expect(MEMBER_RIGHTS.mayModerate('video:1') || MEMBER_RIGHTS.mayPublish('a:1')).toBe(false);
  });

  it('are only to watch for those who may only watch', () => {
    expect(WATCH_RIGHTS.mayWatch('video:1')).toBe(true);
    expect(WATCH_RIGHTS.mayWrite('likes', 'video:1')).toBe(false);
  });
});
