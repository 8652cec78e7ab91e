import { z } from 'zod';
import { compareOrigins } from '../origins';
import type { Vector } from '../state';

/** The newest value of one key. */
export interface Cell {
  /** The place of its entry in the log. */
  readonly version: number;
  readonly key: string;
  /** When the entry was accepted, ms since the epoch. */
  readonly at: number;
  /** Orders the values of a key that different datacenters have accepted; 0 if not used. */
  readonly stamp: number;
  /** Any JSON; null if the key was removed. */
  readonly value: unknown;
}

/** One origin's state: a cell for each key, the one changed last at the end. */
export interface Cells {
  readonly cells: readonly Cell[];
}

/** A cell that viewers see, with the origin that has it. */
export interface OriginCell extends Cell {
  readonly origin: string;
}

/** The most cells of a state of any type; further ones are not valid. */
const MAX_CELLS = 2_048;

export const EMPTY_CELLS: Cells = { cells: [] };

export const cellsShape: z.ZodType<Cells> = z.object({
  cells: z
    .array(
      z.object({
        version: z.int(),
        key: z.string().max(64),
        at: z.int(),
        stamp: z.int(),
        value: z.unknown(),
      }),
    )
    .max(MAX_CELLS),
});

export function cellIn(state: Cells, key: string): Cell | undefined {
  return state.cells.find((cell) => cell.key === key);
}

/** The state with a cell that was changed last. */
export function withCell(state: Cells, cell: Cell): Cells {
  return { cells: [...state.cells.filter(({ key }) => key !== cell.key), cell] };
}

/** Orders cells of one key; positive if the first one replaces the second one. */
export type CompareCells = (one: Cell, other: Cell) => number;

/**
 * The cells that count: of each key the greatest one over all origins. Of equal ones that of the
 * later origin counts, so that all datacenters agree.
 */
export function countedCells(states: Vector<Cells>, compare: CompareCells): OriginCell[] {
  const byKey = new Map<string, OriginCell>();
  for (const origin of Object.keys(states).sort(compareOrigins)) {
    for (const cell of states[origin]?.state.cells ?? []) {
      const other = byKey.get(cell.key);
      if (!other || compare(cell, other) >= 0) byKey.set(cell.key, { ...cell, origin });
    }
  }
  return [...byKey.values()];
}

/** The bytes of a key and its value in a JSON object. */
export function bytesOf({ key, value }: Pick<Cell, 'key' | 'value'>): number {
  const QUOTES_COLON_COMMA = 4;
  return key.length + QUOTES_COLON_COMMA + Buffer.byteLength(JSON.stringify(value));
}
