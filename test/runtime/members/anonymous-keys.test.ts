import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { derivedKeys, storedKeys } from '../../../runtime/members/anonymous-keys';
import { Seeded } from '../../simulation/seeded';

const folder = mkdtempSync(join(tmpdir(), 'likestream-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the key of anonymous ids', () => {
  it('is made once in a folder, readable by its owner alone', () => {
    const data = join(folder, 'data');
    const first = storedKeys(data, new Seeded(1).entropy);
    expect(storedKeys(data, new Seeded(2).entropy)).toEqual(first);
    expect(first[0]).toHaveLength(32);
    expect(readdirSync(data)).toEqual(['anonymous.key']);
    expect(statSync(join(data, 'anonymous.key')).mode & 0o777).toBe(0o600);
  });

  it('is that of the first process if two make it at once', () => {
    const data = join(folder, 'race');
    const { entropy } = new Seeded(1);
    let winner: readonly Buffer[] = [];
    const late = {
      secretId() {
        // While this process makes its key, another one has made one.
        if (winner.length === 0) winner = storedKeys(data, new Seeded(2).entropy);
        return entropy.secretId();
      },
    };
    expect(storedKeys(data, { ...entropy, ...late })).toEqual(winner);
    expect(readdirSync(data)).toEqual(['anonymous.key']);
  });

  it('is made again if a power cut left an empty file, whose key could be guessed', () => {
    const data = join(folder, 'cut');
    mkdirSync(data);
    writeFileSync(join(data, 'anonymous.key'), '');
    const made = storedKeys(data, new Seeded(1).entropy);
    expect(made).toEqual(storedKeys(join(folder, 'whole'), new Seeded(1).entropy));
    expect(storedKeys(data, new Seeded(2).entropy)).toEqual(made);
  });

  it('differs from the secret that it derives from, and from secret to secret', () => {
    const [one, two] = derivedKeys(['first', 'second']);
    expect(one).not.toEqual(two);
    expect(one?.toString()).not.toContain('first');
    expect(derivedKeys(['second'])[0]).toEqual(two);
  });
});
