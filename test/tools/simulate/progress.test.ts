import { Progress } from '../../../tools/simulate/progress';

test('progress updates one line on a terminal, and is not written immediately elsewhere', () => {
  const written: string[] = [];
  const out = { isTTY: false, write: (text: string) => written.push(text) > 0 };
  const progress = new Progress(2, out);
  progress.note(true);
  progress.clear();
  expect(written).toEqual([]);
  expect(progress.line).toMatch(/^1 of 2 seeds, \d+ a minute, 1 broke the promise, \d+ s left$/);
});
