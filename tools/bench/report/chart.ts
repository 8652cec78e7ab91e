import { init } from 'echarts';

const WIDTH = 760;
const HEIGHT = 400;
const BAR_PX = 26;
const COLOURS = ['#2563eb', '#f59e0b', '#dc2626', '#059669', '#7c3aed', '#475569'];
const FONT = { fontFamily: 'Helvetica, Arial, sans-serif', color: '#111827' };

/** A line with its points. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  /** Whether it is a fit. */
  readonly dashed?: boolean;
}

export interface Axes {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Both axes logarithmic. */
  readonly log?: boolean;
}

/** Lines as an SVG. */
export function lineChart({ log = false, title, x, y }: Axes, series: readonly Series[]): string {
  const type = log ? 'log' : 'value';
  const axis = (name: string) => ({ type, name, nameLocation: 'middle', nameTextStyle: FONT });
  return draw(HEIGHT, {
    title: heading(title),
    legend: { bottom: 4, data: series.map(({ name }) => name), textStyle: FONT },
    grid: { left: 84, right: 28, top: 52, bottom: 88 },
    xAxis: { ...axis(x), nameGap: 30, axisLabel: { ...FONT, formatter: short } },
    yAxis: {
      ...axis(y),
      nameGap: 58,
      axisLabel: { ...FONT, formatter: short },
      min: log ? undefined : 0,
    },
    series: series.map(({ dashed = false, name, points }) => ({
      type: 'line',
      name,
      data: points,
      symbolSize: dashed ? 0 : 7,
      lineStyle: { type: dashed ? 'dashed' : 'solid', width: dashed ? 1.5 : 2 },
    })),
  });
}

export interface Bar {
  readonly name: string;
  /** One value for each group; undefined if it is missing. */
  readonly values: readonly (number | undefined)[];
}

/** Horizontal bars, the first one on top; with several groups, one bar of each. */
export function barChart(
  title: string,
  x: string,
  groups: readonly string[],
  bars: readonly Bar[],
) {
  const height = 130 + bars.length * groups.length * BAR_PX;
  return draw(height, {
    title: heading(title),
    legend: groups.length > 1 ? { bottom: 4, data: groups, textStyle: FONT } : undefined,
    grid: { left: 190, right: 70, top: 48, bottom: 76 },
    xAxis: {
      type: 'value',
      name: x,
      nameLocation: 'middle',
      nameGap: 30,
      nameTextStyle: FONT,
      axisLabel: FONT,
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: bars.map(({ name }) => name),
      axisLabel: { ...FONT, fontSize: 13 },
    },
    series: groups.map((name, group) => ({
      type: 'bar',
      name,
      data: bars.map(({ values }) => values[group] ?? '-'),
      label: {
        show: true,
        position: 'right',
        ...FONT,
        formatter: ({ value }: { value: unknown }) => short(Number(value)),
      },
    })),
  });
}

function heading(text: string) {
  return { text, left: 'center', textStyle: { ...FONT, fontSize: 15 } };
}

function short(value: number): string {
  if (!Number.isFinite(value)) return '';
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}

function draw(height: number, option: object): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  try {
    chart.setOption({ animation: false, backgroundColor: '#ffffff', color: COLOURS, ...option });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
