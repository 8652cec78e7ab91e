import { SlowLines } from '../../runtime/slow-lines';
import { VirtualClock } from '../simulation/virtual-clock';

test('a line is due at once, then once a minute; another one is due at once', async () => {
  const clock = new VirtualClock();
  const lines = new SlowLines(clock);
  let written = 0;
  for (let second = 0; second < 180; second++) {
    if (lines.isDue('no right')) written += 1;
    await clock.advance(1_000);
  }
  expect(written).toBe(3);
  expect(lines.isDue('no password')).toBe(true);
});
