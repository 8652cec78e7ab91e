import { REFUSAL_MS, Refusals } from '../../runtime/refusals';
import { VirtualClock } from '../simulation/virtual-clock';
import { timersOf } from './timers';

const MANY = 250;

let clock: ReturnType<typeof timersOf>;
let refusals: Refusals;
let answered: number;
beforeEach(() => {
  clock = timersOf(new VirtualClock());
  refusals = new Refusals(clock);
  answered = 0;
});
afterEach(() => refusals.close());

function add(count: number): void {
  for (let at = 0; at < count; at++) refusals.add(() => answered++);
}

it('refuses after a while, and then some in each turn until all are refused', async () => {
  add(MANY);
  await clock.advance(REFUSAL_MS - 1);
  expect(answered).toBe(0);
  await clock.advance(10);
  expect(answered).toBe(MANY);
  expect(clock.running).toBe(0);
});

it('refuses at once when too many wait', () => {
  add(20_001);
  expect(answered).toBe(1);
});

it('answers all that wait when it closes', () => {
  add(MANY);
  refusals.close();
  expect(answered).toBe(MANY);
});

it('refuses at once when it is closed', () => {
  refusals.close();
  add(1);
  expect(answered).toBe(1);
  expect(clock.running).toBe(0);
});
