import { Delays } from '../../../dispatchers/moments/delays';
import { VirtualClock } from '../../simulation/virtual-clock';

/** A sender whose clock is `ahead` ms ahead of ours. */
function use(ahead = 5_000_000) {
  const clock = new VirtualClock();
  const delays = new Delays(clock);
  /** Notes a moment that was on its way for `delayMs`. */
  const arrive = (delayMs: number, by = 'p1') =>
    delays.note({ by, ms: clock.monotonic() + ahead - delayMs });
  return { arrive, clock };
}

test('the first moment of a sender has no delay', () => {
  const { arrive } = use();
  expect(arrive(60_000)).toBe(0);
  expect(arrive(60_000, 'p2')).toBe(0);
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
  expect(arrive(9_000)).toBe(0);
});
