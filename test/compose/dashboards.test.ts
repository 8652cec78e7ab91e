import { z } from 'zod';
import { GAUGES, Metrics } from '../../runtime/metrics';
import { fileOf, ROLES, yamlOf } from './compose-file';

const dashboard = z.object({
  panels: z.array(
    z.object({
      title: z.string(),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
      datasource: z.object({ uid: z.string() }),
      targets: z.array(z.object({ expr: z.string(), datasource: z.object({ uid: z.string() }) })),
    }),
  ),
});
const rules = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string(), expr: z.string() })) })),
});
const sources = z.object({ datasources: z.array(z.object({ uid: z.string(), url: z.string() })) });
const targets = z.object({
  scrape_configs: z.array(
    z.object({
      static_configs: z.array(z.object({ targets: z.array(z.string()) })).default([]),
      dns_sd_configs: z.array(z.object({ names: z.array(z.string()) })).default([]),
    }),
  ),
});

/** The metrics of a query; `up` is Prometheus's own. */
const METRIC = /\b(?:likestream|process|nodejs)_\w+/g;

const { panels } = dashboard.parse(JSON.parse(fileOf('grafana', 'dashboards', 'likestream.json')));
const alerts = rules
  .parse(yamlOf('prometheus', 'alerts.yaml'))
  .groups.flatMap(({ rules }) => rules);

let names: Set<string>;

beforeAll(async () => {
  const metrics = new Metrics();
  for (const name of Object.keys(GAUGES)) metrics.observe(name as keyof typeof GAUGES, () => 0);
  const all = await metrics.registry.getMetricsAsJSON();
  names = new Set(
    all.flatMap(({ name, type }) =>
      String(type) === 'histogram'
        ? ['_bucket', '_sum', '_count'].map((part) => name + part)
        : name,
    ),
  );
});

describe('the dashboard', () => {
  test.each(panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr])))(
    '%s uses existing metrics: %s',
    (_, expr) => {
      const asked = expr.match(METRIC) ?? [];
      expect(asked.length + (expr.includes('up{') ? 1 : 0)).toBeGreaterThan(0);
      expect(asked.filter((name) => !names.has(name))).toEqual([]);
    },
  );

  test('shows each of our own metrics', () => {
    const asked = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join(' ');
    const own = [...names].filter((name) => /^likestream_.*(?<!_sum|_count)$/.test(name));
    expect(own.filter((name) => !asked.includes(name))).toEqual([]);
  });

  test('reads the provided source, the Prometheus of compose.yaml', () => {
    const { datasources } = sources.parse(yamlOf('grafana', 'datasources', 'prometheus.yaml'));
    expect(datasources).toMatchObject([{ uid: 'prometheus', url: 'http://prometheus:9090' }]);
    for (const { datasource, targets } of panels) {
      for (const { uid } of [datasource, ...targets.map((target) => target.datasource)]) {
        expect(uid).toBe('prometheus');
      }
    }
  });

  test('has panels that do not overlap', () => {
    const cells = panels.flatMap(({ gridPos: { h, w, x, y } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)}/${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });
});

test.each(alerts.map(({ alert, expr }) => [alert, expr]))(
  'the alert %s uses existing metrics',
  (_, expr) => {
    const asked = expr.match(METRIC) ?? [];
    expect(asked.filter((name) => !names.has(name))).toEqual([]);
    expect(asked.length + (expr.includes('up{') ? 1 : 0)).toBeGreaterThan(0);
  },
);

test('Prometheus scrapes every role of compose.yaml, and nothing else', () => {
  const scraped = targets
    .parse(yamlOf('prometheus', 'prometheus.yaml'))
    .scrape_configs.flatMap(({ dns_sd_configs, static_configs }) => [
      ...static_configs.flatMap((each) => each.targets.map((target) => target.split(':')[0])),
      ...dns_sd_configs.flatMap((each) => each.names),
    ]);
  expect(scraped.sort()).toEqual([...ROLES.keys()].sort());
});
