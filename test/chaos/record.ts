/** One fault, as it went; seconds. */
export interface Struck {
  readonly fault: string;
  /** From the blow until all that it ended was started again. */
  readonly outage: number;
  /** From the blow until a like on every partition, posted after it, was seen at each viewer. */
  readonly flowing: number;
  /** The same from the end of the outage, with likes posted after that. */
  readonly back: number;
  /** False when that took too long. */
  readonly recovered: boolean;
}

/** Seconds to recover by kind of fault, as a table. */
export function tableOf(all: readonly Struck[]): string {
  const names = [...new Set(all.map(({ fault }) => fault))].sort();
  const width = Math.max(...names.map(({ length }) => length));
  const head = `${'fault'.padEnd(width)}  times  outage  likes flow after   and once all is back`;
  const lines = names.map((name) => {
    const theirs = all.filter(({ fault }) => fault === name);
    const of = (key: 'outage' | 'flowing' | 'back'): string => {
      const values = theirs.map((struck) => struck[key]).sort((a, b) => a - b);
      const [median = 0, worst = 0] = [values[Math.floor(values.length / 2)], values.at(-1)];
      return `${median.toFixed(1)} (${worst.toFixed(1)})`.padStart(12);
    };
    const times = String(theirs.length).padStart(5);
    return `${name.padEnd(width)}  ${times}${of('outage')}${of('flowing')}${of('back')}`;
  });
  return [head, ...lines, 'seconds: median (worst)'].join('\n');
}
