import { every, pause } from '../../runtime/clock';
import { deferred } from '../fixtures/deferred';
import { VirtualClock } from '../simulation/virtual-clock';

describe('every', () => {
  it('repeats the task, a period apart, until it is cancelled', async () => {
    const clock = new VirtualClock();
    let runs = 0;
    const timer = every(clock, 100, () => {
      runs += 1;
    });
    await clock.advance(99);
    expect(runs).toBe(0);
    await clock.advance(1);
    expect(runs).toBe(1);
    await clock.advance(250);
    expect(runs).toBe(3);
    timer.cancel();
    await clock.advance(1_000);
    expect(runs).toBe(3);
  });

  it('counts the next period from the end of a long run', async () => {
    const clock = new VirtualClock();
    let runs = 0;
    const timer = every(clock, 100, () => {
      runs += 1;
      return pause(clock, 500);
    });
    await clock.advance(699);
    expect(runs).toBe(1);
    await clock.advance(1);
    expect(runs).toBe(2);
    timer.cancel();
  });

  it('does not run again after it was cancelled during a run', async () => {
    const clock = new VirtualClock();
    const end = deferred();
    let runs = 0;
    const timer = every(clock, 100, () => {
      runs += 1;
      return end.promise;
    });
    await clock.advance(100);
    timer.cancel();
    end.resolve();
    await clock.advance(1_000);
    expect(runs).toBe(1);
  });
});
