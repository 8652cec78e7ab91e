import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SECRET_NAMES, withSecretFiles } from '../../../runtime/settings/secret-files';
import { SETTING_INFO } from '../../../runtime/settings/setting-info';
import { SETTINGS_SHAPE } from '../../../runtime/settings/table';

describe('withSecretFiles', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function file(text: string): string {
    const path = join(folder, 'secret');
    writeFileSync(path, text);
    return path;
  }

  it.each(SECRET_NAMES)('reads %s from a file, without the line break at its end', (name) => {
    const read = withSecretFiles({ [`${name}_FILE`]: file('a secret of a file\n') });
    expect(read[name]).toBe('a secret of a file');
  });

  it('keeps all of a secret but the last line break', () => {
    const read = withSecretFiles({ JWT_SECRET_FILE: file(' two\nlines \r\n') });
    expect(read.JWT_SECRET).toBe(' two\nlines ');
  });

  it('refuses a secret that is given in both ways', () => {
    const both = { JWT_SECRET: 'one', JWT_SECRET_FILE: file('two') };
    expect(() => withSecretFiles(both)).toThrow('JWT_SECRET and JWT_SECRET_FILE are both set');
  });

  it.each(SECRET_NAMES)('refuses an empty path of %s, which would mean no key', (name) => {
    expect(() => withSecretFiles({ [`${name}_FILE`]: '' })).toThrow(`${name}_FILE is empty`);
  });

  it('names the setting and the file that cannot be read', () => {
    const missing = { SERVICE_SECRET_FILE: join(folder, 'none') };
    expect(() => withSecretFiles(missing)).toThrow(/SERVICE_SECRET_FILE: .*none.*ENOENT/);
  });

  it('has each setting that is a secret by its name', () => {
    const named = Object.entries(SETTINGS_SHAPE.shape).filter(([name]) =>
      /(SECRET|PASSWORD)$/.test(name),
    );
    for (const [, type] of named) expect(SETTING_INFO.get(type)?.isSecret).toBe(true);
  });
});
