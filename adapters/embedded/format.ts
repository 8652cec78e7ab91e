import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The number of the layout of the database and of the log's files. */
const FORMAT = '3';

/** The path of the database in a folder. */
export function databaseIn(folder: string): string {
  return join(folder, 'db');
}

/** The path of the log's files in a folder. */
export function logIn(folder: string): string {
  return join(folder, 'log');
}

/**
 * Throws an Error of one line if the folder has a database of another format. It only reads, so it
 * may be called before the folder is locked.
 */
export function requireFormat(folder: string): void {
  if (!existsSync(databaseIn(folder))) return;
  const found = formatOf(folder);
  if (found === FORMAT) return;
  throw new Error(
    `${folder} has data of ${found === undefined ? 'an earlier format' : `format ${found}`} ` +
      'that this version cannot read: set DATA_DIR to another folder',
  );
}

/**
 * Writes the format of a locked folder that has no database yet, durably, so that no loss of power
 * leaves a database without it.
 */
export function writeFormat(folder: string): void {
  if (existsSync(databaseIn(folder))) return;
  const file = openSync(formatFile(folder), 'w');
  writeSync(file, `${FORMAT}\n`);
  fsyncSync(file);
  closeSync(file);
  const entries = openSync(folder, 'r');
  fsyncSync(entries);
  closeSync(entries);
}

/** The first word of the file; undefined if it is missing. */
function formatOf(folder: string): string | undefined {
  const file = formatFile(folder);
  return existsSync(file) ? readFileSync(file, 'utf8').trim().slice(0, 20) : undefined;
}

function formatFile(folder: string): string {
  return join(folder, 'format');
}
