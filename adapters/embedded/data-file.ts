import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** LMDB's head of a file: two meta pages, each with these fields (`MDB_meta` in its mdb.c). */
const META = { magic: 24, version: 28, pageSize: 48, freeRoot: 88, mainRoot: 136, lastPage: 144 };
const META_BYTES = 168;
const TRANSACTION_AT = 152;
const MAGIC = 0xbeefc0de;
const PAGE_SIZES = [4_096, 8_192, 16_384, 32_768, 65_536];
const NO_PAGE = 0xffff_ffff_ffff_ffffn;

/**
 * Throws an Error that names the file if the database in this folder is damaged so that to map it
 * would end the process by a signal. It must be locked.
 */
export function requireSoundFile(folder: string): void {
  const path = join(folder, 'data.mdb');
  if (!existsSync(path)) return;
  const file = openSync(path, 'r+');
  try {
    const { size } = fstatSync(file);
    if (size > 0) requireSound(file, size, path);
  } finally {
    closeSync(file);
  }
}

function requireSound(file: number, size: number, path: string): void {
  const first = metaAt(file, 0);
  const pageBytes = first.readUInt32LE(META.pageSize);
  const second = metaAt(file, PAGE_SIZES.includes(pageBytes) ? pageBytes : size);
  const isFile = [first, second].every((meta) => meta.readUInt32LE(META.magic) === MAGIC);
  if (!isFile) throw damaged(path, 'it does not begin as a database');
  const newest =
    first.readBigUInt64LE(TRANSACTION_AT) > second.readBigUInt64LE(TRANSACTION_AT) ? first : second;
  const pages = BigInt(Math.floor(size / pageBytes));
  for (const at of [META.freeRoot, META.mainRoot]) {
    const root = newest.readBigUInt64LE(at);
    if (root !== NO_PAGE && root >= pages) throw damaged(path, 'it is shorter than it was');
  }
  const needed = Number(newest.readBigUInt64LE(META.lastPage) + 1n) * pageBytes;
  // Its last pages may be missing if they are free. LMDB refuses empty pages by an error, and a
  // read beyond the end of a file is a signal.
  if (Number.isSafeInteger(needed) && size < needed) ftruncateSync(file, needed);
}

/** The bytes of a meta page; zeros beyond the end of the file. */
function metaAt(file: number, position: number): Buffer {
  const bytes = Buffer.alloc(META_BYTES);
  readSync(file, bytes, 0, META_BYTES, position);
  return bytes;
}

function damaged(path: string, why: string): Error {
  return new Error(`${path} is damaged: ${why}. Restore a copy of DATA_DIR, or set another one`);
}
