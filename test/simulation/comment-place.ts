import { parseVectorText } from '../../schemas/place';

/** Where a copy of an entry is. */
export interface CommentPlace {
  readonly origin: string;
  readonly offset: number;
}

/** Parses a place, `dc1.1@1420`. */
export function placeIn(text: string): CommentPlace {
  const [[origin, offset] = ['', -1]] = parseVectorText(text) ?? [];
  return { origin, offset };
}
