import { existsSync } from 'node:fs';
import { hasWorkers } from '../../../runtime/settings/running';
import { NEVER_EMPTY } from '../../../runtime/settings/secret-files';
import { readSettings, SETTING_NAMES, settingsHelp } from '../../../runtime/settings/settings';
import { SETTINGS_SHAPE } from '../../../runtime/settings/table';
import { DEFAULT_REACTIONS } from '../../../schemas/likes';

describe('readSettings', () => {
  it('has a default for each setting of the embedded mode', () => {
    expect(readSettings({})).toMatchObject({
      PORT: 8080,
      ADMIN_PORT: 9090,
      DATA_DIR: './data',
      DATACENTER: 'dc1',
      WORKERS: 0,
      JWT_MEMBER_CLAIM: 'sub',
      REACTIONS: DEFAULT_REACTIONS,
      EVENT_TYPES: [],
      NAMESPACE: 'likestream',
      DEDUPE_WINDOW_MS: 120_000,
    });
  });

  it('ignores empty settings', () => {
    const settings = readSettings({ PORT: '', ADVERTISE_URL: '', REACTIONS: '' });
    expect(settings.PORT).toBe(8080);
    expect(settings.ADVERTISE_URL).toBeUndefined();
    expect(settings.REACTIONS).toEqual(DEFAULT_REACTIONS);
  });

  it.each(NEVER_EMPTY)('refuses an empty %s, which would mean no key', (name) => {
    expect(() => readSettings({ [name]: '' })).toThrow(name);
  });

  it('reads numbers and lists', () => {
    const settings = readSettings({ PORT: '0', WORKERS: '4', REACTIONS: 'like, love ,wow' });
    expect(settings).toMatchObject({ PORT: 0, WORKERS: 4, REACTIONS: ['like', 'love', 'wow'] });
  });

  it.each<[NodeJS.ProcessEnv, boolean]>([
    [{ WORKERS: '0' }, false],
    [{ WORKERS: '2' }, true],
    [{ WORKERS: '2', ROLE: 'frontend,producer' }, true],
    // Here the main process answers clients: what a worker says of a member must not count.
    [{ WORKERS: '2', ROLE: 'producer' }, false],
    [{ WORKERS: '2', ROLE: 'dispatcher,producer' }, false],
  ])('has workers only where there are viewers: %j', (environment, expected) => {
    expect(hasWorkers(SETTINGS_SHAPE.parse(environment))).toBe(expected);
  });

  it('ignores other variables of the environment', () => {
    expect(readSettings({ HOME: '/root', PATH: '/bin' })).not.toHaveProperty('HOME');
  });

  it.each([
    ['PORT', 'eighty'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['WORKERS', '257'],
    ['VIEWER_SOCKETS', 'fast'],
    ['PUBLIC_HOST', 'localhost'],
    ['PUBLIC_HOST', '127.0.0.256'],
    ['DATACENTER', 'dc-1'],
    ['DATACENTER', 'DC1'],
    ['REACTIONS', 'like,,love'],
    ['REACTIONS', 'Like'],
    ['REACTIONS', 'a/b'],
    ['NAMESPACE', 'Shop'],
    ['NAMESPACE', 'my-shop'],
    ['EVENT_TYPES', 'votes.js,,ratings.js'],
    ['DEDUPE_WINDOW_MS', '10'],
    ['LOG_LEVEL', 'loud'],
  ])('refuses %s=%s and names it', (name, value) => {
    expect(() => readSettings({ [name]: value })).toThrow(new RegExp(`\\b${name}\\b`));
  });

  it('lists all invalid settings', () => {
    expect(() => readSettings({ PORT: 'x', WORKERS: 'y' })).toThrow(/PORT.*\n.*WORKERS/);
  });

  it('shows no secret in its error', () => {
    const given = { JWT_SECRET: 'very-secret', PORT: 'x' };
    expect(() => readSettings(given)).not.toThrow(/very-secret/);
  });
});

describe('the help', () => {
  it('describes every setting, with its default', () => {
    const lines = settingsHelp().split('\n');
    for (const name of SETTING_NAMES) {
      const line = lines.find((each) => each.trim().startsWith(`${name} `)) ?? '';
      expect(line.slice(line.indexOf(name) + name.length).trim()).toMatch(/^(?!undefined)\S/);
    }
    expect(settingsHelp()).toMatch(/PORT .*\(8080\)/);
    expect(settingsHelp()).not.toContain('undefined');
  });

  it.each([
    [undefined, 'npx likestream', 'npm '],
    ['npx', 'npx likestream', 'npm '],
    ['start', 'npm start', 'npx'],
  ])('has the commands with which %s was started, and no other', (script, command, other) => {
    const text = settingsHelp({ npm_lifecycle_event: script });
    expect(text).toContain(`PORT=80 ${command} `);
    expect(text).not.toContain(other);
  });

  it('names a page that exists', () => {
    const [, page = ''] = /More of each: (.*)/.exec(settingsHelp()) ?? [];
    expect(existsSync(page)).toBe(true);
  });
});
