import { type Frame, frameOf } from '../../schemas/frame';
import { withId } from './frames';
import type { SeenState } from './sent-state';

/** The most bytes of a frame with several blocks; the blocks after them are in the next frame. */
export const MAX_FRAME_BYTES = 32 * 1024;

/** One event, and what a viewer has seen once it has read it. */
export interface Block {
  /** The event without its id. */
  readonly lines: string;
  readonly seen: SeenState;
  /** The name of the event type; undefined for a snapshot. */
  readonly type: string | undefined;
  /** The number of entries in it, for metrics; negative after a cancel. */
  readonly entries: number;
  /** The member whose streams are not sent it. */
  readonly exceptMember?: string | undefined;
}

/** Some blocks as one frame. */
export interface Part {
  readonly frame: Frame;
  readonly blocks: readonly Block[];
  /** What a viewer has seen once it has read the frame. */
  readonly seen: SeenState;
}

/**
 * Encodes blocks as frames, each block with the id of the place that it reaches. A frame has at
 * least one block, and no other one beyond `MAX_FRAME_BYTES`.
 */
export function partsOf(blocks: readonly Block[], idOf: (seen: SeenState) => string): Part[] {
  const [only, second] = blocks;
  if (only && !second) {
    const frame = frameOf(withId(only.lines, idOf(only.seen)));
    return [{ frame, blocks, seen: only.seen }];
  }
  const parts: Part[] = [];
  let [text, bytes, from] = ['', 0, 0];
  const end = (to: number): void => {
    const last = blocks[to - 1];
    if (!last || to === from) return;
    parts.push({ frame: frameOf(text), blocks: blocks.slice(from, to), seen: last.seen });
    [text, bytes, from] = ['', 0, to];
  };
  for (const [at, { lines, seen }] of blocks.entries()) {
    const event = withId(lines, idOf(seen));
    const more = Buffer.byteLength(event);
    if (bytes + more > MAX_FRAME_BYTES) end(at);
    text += event;
    bytes += more;
  }
  end(blocks.length);
  return parts;
}
