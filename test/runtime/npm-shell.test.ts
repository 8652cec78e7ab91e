import { LOOK_MS, onShellEnd } from '../../runtime/npm-shell';
import { VirtualClock } from '../simulation/virtual-clock';

function watched(script: string | undefined) {
  const clock = new VirtualClock();
  const state = { parent: 7, ends: 0 };
  const timer = onShellEnd(
    { clock, env: { npm_lifecycle_script: script }, parent: () => state.parent },
    () => {
      state.ends += 1;
    },
  );
  return { clock, state, timer };
}

describe('onShellEnd', () => {
  it.each([["'likestream'"], ['likestream'], ["'likestream' --help"]])(
    'reports once that the shell of %s is gone',
    async (script) => {
      const { clock, state } = watched(script);
      await clock.advance(10 * LOOK_MS);
      expect(state.ends).toBe(0);
      state.parent = 1;
      await clock.advance(LOOK_MS + 1);
      expect(state.ends).toBe(1);
      state.parent = 2;
      await clock.advance(10 * LOOK_MS);
      expect(state.ends).toBe(1);
    },
  );

  it.each([
    undefined,
    'node runtime/install.js run && exec node dist/compose/stack.js --folder likestream',
    'likestream-client',
  ])('does not watch the parent of a program that npm does not run so: %s', async (script) => {
    const { clock, state, timer } = watched(script);
    state.parent = 1;
    await clock.advance(10 * LOOK_MS);
    expect([timer, state.ends]).toEqual([undefined, 0]);
  });

  it('stops looking when it is cancelled', async () => {
    const { clock, state, timer } = watched('likestream');
    timer?.cancel();
    state.parent = 1;
    await clock.advance(10 * LOOK_MS);
    expect(state.ends).toBe(0);
  });
});
