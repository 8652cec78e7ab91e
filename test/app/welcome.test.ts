import { membersText, originsText } from '../../app/welcome';
import { readSettings } from '../../runtime/settings/settings';

describe('the welcome', () => {
  it.each([
    [{}, 'everyone may do all, as anonymous-…: set JWT_SECRET to require tokens'],
    [{ ANONYMOUS: 'watch' }, 'everyone may watch: set JWT_SECRET to require tokens'],
    [{ JWT_SECRET: 'x' }, 'by token (JWT_SECRET); others may do nothing'],
    [{ JWT_SECRET: 'x', ANONYMOUS: 'watch' }, 'by token (JWT_SECRET); others may watch'],
    [
      { JWT_SECRET: 'x', JWT_JWKS_FILE: 'keys.json' },
      'by token (JWT_SECRET, JWT_JWKS_FILE); others may do nothing',
    ],
  ])('says with %j who may', (given, text) => {
    expect(membersText(readSettings(given), given)).toBe(text);
  });

  it('names the file of a secret that a file holds', () => {
    const settings = readSettings({ JWT_SECRET: 'x' });
    const text = 'by token (JWT_SECRET_FILE); others may do nothing';
    expect(membersText(settings, { JWT_SECRET_FILE: 'jwt.key' })).toBe(text);
  });

  it.each([
    [{}, 'its own host, localhost: set CORS_ORIGINS for others'],
    [
      { CORS_ORIGINS: 'https://a.example,https://*.b.example' },
      'its own host, https://a.example, https://*.b.example (CORS_ORIGINS)',
    ],
    [{ ROLE: 'frontend', JWT_SECRET: 'x'.repeat(32) }, 'its own host: set CORS_ORIGINS for others'],
  ])('says with %j whose pages may call', (given, text) => {
    expect(originsText(readSettings(given))).toBe(text);
  });
});
