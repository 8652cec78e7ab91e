import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request } from 'undici';
import { JwksKeys, type JwksKeysOptions } from './jwks-keys';

type Options = Pick<JwksKeysOptions, 'clock' | 'failed'>;

const FILE_FRESH_MS = 1_000;
const FILE_GAP_MS = 10;

const URL_FRESH_MS = 300_000;
const URL_GAP_MS = 5_000;
const URL_MS = 5_000;
const MAX_BYTES = 256 * 1024;

/**
 * The keys of a file. It is read again, not only its time of change: a mounted secret is replaced
 * by another file. Throws an Error of one line if it is missing or not a set.
 */
export function fileKeys(path: string, options: Options): JwksKeys {
  try {
    return new JwksKeys({
      ...{ ...options, source: path, freshMs: FILE_FRESH_MS, gapMs: FILE_GAP_MS },
      text: readFileSync(path, 'utf8'),
      read: () => readFile(path, 'utf8'),
    });
  } catch (error) {
    const { code, message } = Object(error) as { readonly code?: string; readonly message: string };
    throw new Error(`JWT_JWKS_FILE: ${path}: ${code ? `cannot be read (${code})` : message}`);
  }
}

/** The keys at an address. The first read begins at once, and is not waited for. */
export function urlKeys(url: string, options: Options): JwksKeys {
  const keys = new JwksKeys({
    ...{ ...options, source: url, freshMs: URL_FRESH_MS, gapMs: URL_GAP_MS },
    read: () => textAt(url),
  });
  // The failure is reported, and the next token makes the next try.
  keys.reread().catch(() => undefined);
  return keys;
}

async function textAt(url: string): Promise<string> {
  const { body, statusCode } = await request(url, {
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(URL_MS),
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  if (statusCode !== 200) throw new Error(`status ${statusCode}`);
  return Buffer.concat(chunks).toString();
}
