import url, { pathToFileURL } from 'node:url';

type Lmdb = typeof import('lmdb');

/** Characters that a URL reads as something else. */
const ODD = /[#?%]/;

/**
 * Loads lmdb. It looks for its native part by `new URL('file:' + path)`, which is another path if
 * the checkout's one has `#`, `?` or `%`. So for its load the class reads such texts as paths.
 */
export function loadLmdb(): Lmdb {
  if (!ODD.test(__dirname)) return require('lmdb');
  const { URL: original } = url;
  class UrlOfPath extends original {
    constructor(input: string, base?: string | URL) {
      super(/^file:\/(?!\/)/.test(input) ? pathToFileURL(input.slice(5)).href : input, base);
    }
  }
  Object.assign(url, { URL: UrlOfPath });
  try {
    return require('lmdb');
  } finally {
    Object.assign(url, { URL: original });
  }
}
