import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileText, ROOT, rowsOf } from './page';

const TESTS = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' });

test('each test that docs/security.md names exists', () => {
  const rows = rowsOf(fileText('docs/security.md'));
  const named = rows.flatMap(([, , tests = '']) =>
    [...tests.matchAll(/`([\w-]+(?:\/[\w*-]+)+)`/g)].map(([, name = '']) => name),
  );
  expect(named.length).toBeGreaterThan(30);
  const missing = named.filter((name) => {
    const start = name.replace(/\*$/, '');
    return !TESTS.some(
      (file) => file.startsWith(start) && /\.(test|nightly|contract)\.ts$/.test(file),
    );
  });
  expect(missing).toEqual([]);
});

test('each row of the threat table names a test', () => {
  const rows = rowsOf(fileText('docs/security.md'));
  const untested = rows.filter(([, , tests = '']) => !/`[\w-]+(?:\/[\w*-]+)+`/.test(tests));
  expect(rows.length).toBeGreaterThan(50);
  expect(untested.map(([attack]) => attack)).toEqual([]);
});
