import { median } from '../measure';

/** What a figure should be. */
export interface Aim {
  readonly least?: number;
  readonly most?: number;
  /** The least ratio to the figure of the last program beside it. */
  readonly leastRatio?: number;
}

/** A program beside likestream, with its figure of each turn. */
export interface Beside {
  readonly title: string;
  readonly values: readonly number[];
}

/** One figure of a row. */
export interface Line {
  /** The row's name, as `--only` has it. */
  readonly row: string;
  readonly what: string;
  readonly unit: string;
  /** The figure of each turn. */
  readonly values: readonly number[];
  readonly beside: readonly Beside[];
  readonly aim?: Aim;
  /** The median of what other programs used during the windows, cores. */
  readonly elsewhereCores?: number;
  /** What the figure includes, if its name does not say it. */
  readonly note?: string;
}

/** The median ratio to a program beside it; each ratio is of one turn. */
export function ratioTo({ values }: Pick<Line, 'values'>, beside: Beside): number {
  const ratios = values.flatMap((value, at) => {
    const other = beside.values[at];
    return other === undefined || other === 0 ? [] : [value / other];
  });
  return ratios.length > 0 ? median(ratios) : Number.NaN;
}

/** Whether a line's medians are as they should be; undefined if it has no aim. */
export function isMet(line: Pick<Line, 'aim' | 'beside' | 'values'>): boolean | undefined {
  const { aim, beside, values } = line;
  if (!aim) return undefined;
  const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY, leastRatio } = aim;
  const value = median(values);
  if (value < least || value > most) return false;
  const last = beside.at(-1);
  return leastRatio === undefined || (last !== undefined && ratioTo(line, last) >= leastRatio);
}
