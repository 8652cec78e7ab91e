import { z } from 'zod';
import { eventType } from './event-type';
import { append } from './policies/append';

/** The longest text, in characters as readers see them (graphemes). */
export const MAX_GRAPHEMES = 1_000;

/** The longest text, in bytes of UTF-8. */
export const MAX_TEXT_BYTES = 8_192;

/** Controls other than the newline, and halves of surrogate pairs. */
const FORBIDDEN = /[^\P{Cc}\n]|\p{Cs}/u;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A comment in the log: producers have verified it against `text`, which costs more. */
const body = z.object({ text: z.string().min(1).max(MAX_TEXT_BYTES) });

/** A comment's text in a request. */
const text = z
  .string()
  .min(1)
  .refine((given) => given.length <= MAX_TEXT_BYTES && byteLength(given) <= MAX_TEXT_BYTES, {
    error: `at most ${MAX_TEXT_BYTES} bytes of UTF-8`,
    abort: true,
  })
  .refine((given) => !FORBIDDEN.test(given), 'no control characters but newline, valid Unicode')
  .refine(hasFewGraphemes, `at most ${MAX_GRAPHEMES} characters`);

/** Comments on a video: sent one by one, with a history; their authors can delete them. */
export const comments = eventType({
  name: 'comments',
  channelKind: 'video',
  idName: 'commentId',
  idFrom: 'client',
  body,
  request: z.object({ text }),
  errors: { text: 'invalid_text' },
  columns: { text: 'text' },
  exact: true,
  maxPerRequest: 1,
  sharesRecords: false,
  hasHistory: true,
  isDeletable: true,
  isSlowable: true,
  policy: append({
    name: 'comments',
    event: 'comment',
    idName: 'commentId',
    channelKind: 'video',
    body,
  }),
});

function byteLength(of: string): number {
  return Buffer.byteLength(of);
}

// A grapheme has at least one code unit, so short texts need no segmentation.
function hasFewGraphemes(given: string): boolean {
  if (given.length <= MAX_GRAPHEMES) return true;
  let count = 0;
  for (const _ of graphemes.segment(given)) if (++count > MAX_GRAPHEMES) return false;
  return true;
}
