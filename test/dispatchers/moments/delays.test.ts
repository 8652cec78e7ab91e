import { Delays } from '../../../dispatchers/moments/delays';
import { VirtualClock } from '../../simulation/virtual-clock';

/** A sender whose clock is `ahead` ms ahead of ours. */
function use(ahead = 5_000_000) {
  const clock = new VirtualClock();
  const delays = new Delays(clock);
  /** Notes a moment that was on its way for `delayMs`; wall clocks give this age. */
  const arrive = (delayMs: number, by = 'p1', ageMs = 0, sinceAppendMs = ageMs) => {
    const sending = { by, ms: clock.monotonic() + ahead - delayMs, t: clock.now() - ageMs };
    return delays.note(sending, clock.now() - sinceAppendMs);
  };
  return { arrive, clock };
}

test('the first moments of a sender have the delay that wall clocks give', () => {
  const { arrive } = use();
  expect(arrive(60_000)).toBe(0);
  // A dispatcher that takes over reads what was committed by none.
  expect([arrive(60_000, 'p2', 16_000), arrive(59_000, 'p2', 15_000)]).toEqual([16_000, 15_000]);
  expect(arrive(40_000, 'p2', -1_000)).toBe(0);
});

// Simulated seed 701001: a dispatcher whose clock was 47 minutes behind took over.
test('an age below zero proves nothing, because a clock is wrong', () => {
  const { arrive } = use();
  expect(arrive(18_000, 'p1', -2_800_000)).toBe(2_800_000);
  expect(arrive(17_000, 'p1', -2_801_000)).toBe(2_801_000);
  expect(arrive(5, 'p1', 100)).toBe(0);
  expect(arrive(16_005, 'p1', -2_802_000)).toBe(16_000);
});

// Simulated seed 801015: a link began anew while a dispatcher took over.
test('an old moment that a mirror has just appended again is old', () => {
  const { arrive } = use();
  expect(arrive(19_000, 'p1', 19_000, 14_000)).toBe(19_000);
  expect(arrive(19_000, 'p1', 19_000, 5)).toBe(19_000);
});

test('a moment without the time of its sender has the age since its append', () => {
  const clock = new VirtualClock();
  const sending = { by: 'p1', ms: 7 };
  expect(new Delays(clock).note(sending, clock.now() - 9_000)).toBe(9_000);
});

test('wall clocks that differ delay a sender for a minute only', async () => {
  const { arrive, clock } = use();
  expect(arrive(5, 'p1', 3_600_000)).toBe(3_600_000);
  await clock.advance(60_001);
  expect(arrive(5, 'p1', 3_600_000)).toBe(0);
});

test('old moments of a sender that has died are late, however slowly they are read', async () => {
  const { arrive, clock } = use();
  expect(arrive(60_000, 'p1', 60_000)).toBe(60_000);
  await clock.advance(10_000);
  expect(arrive(65_000, 'p1', 65_000)).toBe(65_000);
  expect(arrive(10, 'p1', 10)).toBe(0);
  expect(arrive(5_010, 'p1', 3_600_000)).toBe(5_000);
});

test('a delay is the time above that of the fastest moment', async () => {
  const { arrive, clock } = use(-3_000_000);
  arrive(20);
  await clock.advance(1_000);
  expect(arrive(30_020)).toBe(30_000);
  expect(arrive(20)).toBe(0);
});

test('moments that were held back are late for as long as the link was cut', async () => {
  const { arrive, clock } = use();
  arrive(5);
  await clock.advance(100_000);
  expect(arrive(100_005)).toBe(100_000);
  expect(arrive(50_005)).toBe(50_000);
  expect(arrive(5)).toBe(0);
});

test('a sender whose clock runs slower is not late for ever', async () => {
  const { arrive, clock } = use();
  arrive(0);
  for (let minute = 1; minute <= 3; minute++) {
    await clock.advance(61_000);
    arrive(10_000);
  }
  expect(arrive(10_000)).toBe(0);
});

test('a sender that was silent for long is compared anew', async () => {
  const { arrive, clock } = use();
  arrive(0);
  await clock.advance(700_000);
  expect(arrive(9_000, 'p1', 9_000)).toBe(9_000);
  expect(arrive(9_000)).toBe(0);
});
