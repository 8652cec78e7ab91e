import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findLibfaketime, RoleClock } from './role-clock';

const YEAR_MS = 365 * 24 * 60 * 60 * 1_000;
const TOLERANCE_MS = 10_000;

/** On Debian, test/install-tools.js installs the library. */
const library = findLibfaketime();
const testWithLibrary = library === undefined ? test.skip : test;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'likestream-clock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function wallClockWith(clock: RoleClock): number {
  const env = { PATH: process.env.PATH, ...clock.env };
  const printed = execFileSync(process.execPath, ['-p', 'Date.now()'], { env });
  return Number(String(printed));
}

testWithLibrary.each<[string, number]>([
  ['+0', 0],
  ['+30s', 30_000],
  ['-30s', -30_000],
  ['+1y', YEAR_MS],
  ['-1y', -YEAR_MS],
])('a clock that is stepped by %s differs by that from the real time', (step, ms) => {
  const clock = new RoleClock(library ?? '', folder, 'producer-0');
  clock.step(step);
  expect(Math.abs(wallClockWith(clock) - Date.now() - ms)).toBeLessThan(TOLERANCE_MS);
});

testWithLibrary('a clock that is stepped back is right again', () => {
  const clock = new RoleClock(library ?? '', folder, 'producer-0');
  clock.step('+1y');
  clock.stepBack();
  expect(Math.abs(wallClockWith(clock) - Date.now())).toBeLessThan(TOLERANCE_MS);
});
