import type { Bare } from './bare';
import type { Quantiles } from './histogram';
import type { StageFigure } from './stages';

const AGES: readonly string[] = ['folded', 'looked_up', 'delivered', 'written'];
const NOTES: Partial<Record<string, string>> = {
  logged: ', part of folded',
  stored: ', no part of the latency to a viewer',
};
const LABEL_CHARS = 18;

/** The figures of the drivers without likestream; empty if they were not measured. */
export function driversText(bare: Bare | undefined): string {
  if (!bare) return '';
  const line = (name: string, { p50, p90, p99 }: Quantiles): string =>
    `${name.padEnd(LABEL_CHARS)}p50 ${ms(p50)} · p90 ${ms(p90)} · p99 ${ms(p99)} ms\n`;
  return [
    'the drivers without likestream, at the same time\n',
    line('  produce', bare.logged),
    line('  then insert', bare.stored),
    line('  until consumed', bare.consumed),
    '\n',
  ].join('');
}

/** The duration of each stage of a like, and their sum beside the viewers' latency. */
export function stagesText(figures: readonly StageFigure[], outsideMeanMs: number): string {
  if (figures.length === 0) return '';
  const of = (stage: string): number => figures.find((each) => each.stage === stage)?.mean ?? 0;
  let age = 0;
  const lines = figures.map(({ stage, count, mean, p50, p90 }) => {
    const isAge = AGES.includes(stage);
    const took = isAge ? mean - age : mean;
    if (isAge) age = mean;
    const own = `${ms(took).padStart(7)} ms`;
    const note = isAge ? ' old at its end' : (NOTES[stage] ?? '');
    const old = `p50 ${ms(p50)} · p90 ${ms(p90)} ms${note}`;
    return `${`  ${stage}`.padEnd(LABEL_CHARS)}${own}   ${old.padEnd(50)} ${count} times`;
  });
  const sum = of('accepted') + of('written');
  return [
    'the stages of a like (means)',
    ...lines,
    `  accepted + written ${ms(sum)} ms; like → viewer from outside ${ms(outsideMeanMs)} ms (mean)`,
    '',
    '',
  ].join('\n');
}

function ms(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}
