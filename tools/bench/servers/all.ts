import type { Kind } from '../server';
import { BETTER_SSE } from './better-sse';
import { CENTRIFUGO } from './centrifugo';
import { FRONTEND } from './frontend';
import { likestream } from './likestream';
import { MERCURE } from './mercure';
import { NCHAN } from './nchan';
import { KOA_SSE_STREAM, PLAIN, RAW } from './own';
import { PUSHPIN } from './pushpin';

/** Every server that is compared; the limit first, then likestream. */
export const KINDS: readonly Kind[] = [
  RAW,
  likestream(),
  FRONTEND,
  PLAIN,
  NCHAN,
  KOA_SSE_STREAM,
  BETTER_SSE,
  CENTRIFUGO,
  MERCURE,
  PUSHPIN,
];
