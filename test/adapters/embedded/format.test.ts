import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseIn, requireFormat, writeFormat } from '../../../adapters/embedded/format';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'likestream-format-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function addDatabase(format?: string): void {
  mkdirSync(databaseIn(folder));
  if (format !== undefined) writeFileSync(join(folder, 'format'), format);
}

function refusal(): string {
  const before = readdirSync(folder);
  let message = '';
  try {
    requireFormat(folder);
  } catch (error) {
    if (error instanceof Error) message = error.message;
  }
  expect(readdirSync(folder)).toEqual(before);
  expect(message).not.toContain('\n');
  return message;
}

describe('requireFormat', () => {
  it('accepts a folder that is missing, and creates nothing', () => {
    const missing = join(folder, 'missing');
    requireFormat(missing);
    expect(existsSync(missing)).toBe(false);
  });

  it('accepts an empty folder, and one with the format that was written', () => {
    requireFormat(folder);
    writeFormat(folder);
    addDatabase();
    expect(refusal()).toBe('');
  });

  it('refuses a database without a format, and names the folder and the setting', () => {
    addDatabase();
    expect(refusal()).toBe(
      `${folder} has data of an earlier format that this version cannot read: ` +
        'set DATA_DIR to another folder',
    );
  });

  it.each(['1', '2\n', '33', ''])('refuses a database with another format: %j', (format) => {
    addDatabase(format);
    expect(refusal()).toContain(`${folder} has data of format ${format.trim()} that`);
  });
});

describe('writeFormat', () => {
  it('writes the number of the format', () => {
    writeFormat(folder);
    expect(readFileSync(join(folder, 'format'), 'utf8')).toBe('3\n');
  });

  it('writes it again if a process ended before it had a database', () => {
    writeFileSync(join(folder, 'format'), '');
    writeFormat(folder);
    expect(readFileSync(join(folder, 'format'), 'utf8')).toBe('3\n');
  });

  it('never changes the format of a folder with a database', () => {
    addDatabase('3');
    writeFormat(folder);
    expect(readFileSync(join(folder, 'format'), 'utf8')).toBe('3');
  });
});
