import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTING_NAMES } from '../../runtime/settings/settings';

const README = readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8');

test('the table of the README has every setting, and no other', () => {
  const rows = [...README.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
  expect(rows.sort()).toEqual([...SETTING_NAMES].sort());
});
