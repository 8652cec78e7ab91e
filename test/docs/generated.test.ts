import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTING_NAMES } from '../../runtime/settings/settings';
import { SETTING_GROUPS } from '../../runtime/settings/table';
import { PAGES } from '../../tools/docs/pages';

const ROOT = join(__dirname, '..', '..');

describe('the generated pages', () => {
  it.each(PAGES)('%s is as `npm run docs` writes it', (path, pageFrom) => {
    const page = readFileSync(join(ROOT, path), 'utf8');
    expect(pageFrom(() => page)).toBe(page);
  });

  it('describe each setting once', () => {
    const named = SETTING_GROUPS.flatMap(([, settings]) => Object.keys(settings));
    expect(named.sort()).toEqual([...SETTING_NAMES].sort());
  });
});
