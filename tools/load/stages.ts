import { STAGES, type Stage } from '../../schemas/measures';

const METRIC = 'likestream_stage_seconds';
const TYPE = 'likes';
const LINE = new RegExp(`^${METRIC}_(bucket|sum)\\{(.*)\\} (\\S+)$`);
const LABEL = /(\w+)="([^"]*)"/g;
const ANSWER_MS = 5_000;
const MS_PER_SECOND = 1_000;

/** A stage's histogram: counts by upper bound (s), cumulative, and the sum of all values (s). */
interface StageCounts {
  readonly buckets: Map<number, number>;
  sum: number;
}

/** The stages' histograms, summed over processes. */
export type StageReading = ReadonlyMap<Stage, StageCounts>;

/** The duration of a stage, or the age of likes at its end, ms. */
export interface StageFigure {
  readonly stage: Stage;
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
}

/** Reads the stages from admin URLs; rejects if one does not answer. */
export async function readStages(adminUrls: readonly URL[]): Promise<StageReading> {
  const texts = await Promise.all(
    adminUrls.map(async (url) => {
      const signal = AbortSignal.timeout(ANSWER_MS);
      return (await fetch(new URL('/metrics', url), { signal })).text();
    }),
  );
  return stagesIn(texts);
}

/** The stages of likes, in metrics of Prometheus's text format. */
export function stagesIn(texts: readonly string[]): StageReading {
  const reading = new Map<Stage, StageCounts>();
  for (const line of texts.flatMap((text) => text.split('\n'))) {
    const [, kind, labels = '', value] = LINE.exec(line) ?? [];
    const named = Object.fromEntries([...labels.matchAll(LABEL)].map(([, key, is]) => [key, is]));
    const stage = STAGES.find((each) => each === named.stage);
    if (!stage || named.type !== TYPE) continue;
    const counts = reading.get(stage) ?? { buckets: new Map(), sum: 0 };
    reading.set(stage, counts);
    if (kind === 'sum') counts.sum += Number(value);
    else {
      const bound = named.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(named.le);
      counts.buckets.set(bound, (counts.buckets.get(bound) ?? 0) + Number(value));
    }
  }
  return reading;
}

/** The figures of the likes between two readings. */
export function figuresOf(before: StageReading, after: StageReading): StageFigure[] {
  return STAGES.flatMap((stage) => {
    const [from, to] = [before.get(stage), after.get(stage)];
    if (!to) return [];
    const bounds = [...to.buckets.keys()].sort((a, b) => a - b);
    const counts = bounds.map(
      (bound) => (to.buckets.get(bound) ?? 0) - (from?.buckets.get(bound) ?? 0),
    );
    const count = counts.at(-1) ?? 0;
    if (count === 0) return [];
    const mean = ((to.sum - (from?.sum ?? 0)) / count) * MS_PER_SECOND;
    const at = (share: number): number => quantile(bounds, counts, share) * MS_PER_SECOND;
    return [{ stage, count, mean, p50: at(0.5), p90: at(0.9) }];
  });
}

/** Linear within a bucket, like Prometheus's `histogram_quantile`. */
function quantile(bounds: readonly number[], counts: readonly number[], share: number): number {
  const rank = share * (counts.at(-1) ?? 0);
  const at = counts.findIndex((count) => count >= rank);
  const [low, high] = [bounds[at - 1] ?? 0, bounds[at] ?? 0];
  if (high === Number.POSITIVE_INFINITY) return low;
  const [below, upTo] = [counts[at - 1] ?? 0, counts[at] ?? 0];
  return upTo === below ? high : low + ((high - low) * (rank - below)) / (upTo - below);
}
