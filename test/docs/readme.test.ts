import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTING_GROUPS } from '../../runtime/settings/table';
import { README_GROUPS } from '../../tools/docs/settings-page';

const README = readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8');

test('the table of the README has the settings of its groups, and no other', () => {
  const rows = [...README.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
  const groups = SETTING_GROUPS.filter(([title]) => README_GROUPS.includes(title));
  expect(groups).toHaveLength(README_GROUPS.length);
  expect(rows.sort()).toEqual(groups.flatMap(([, settings]) => Object.keys(settings)).sort());
});
