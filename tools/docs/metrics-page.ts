import { z } from 'zod';
import { LIMIT_NAMES } from '../../runtime/limits/catalogue';
import { GAUGES, Metrics } from '../../runtime/metrics';
import type { ErrorCode } from '../../schemas/errors';
import { STAGES } from '../../schemas/measures';
import { code, sentence, table } from './markdown';

const INTRODUCTION = `# Metrics

<!-- Written by \`npm run docs\` from runtime/metrics.ts: edit that file, not this one. -->

\`GET /metrics\` on \`ADMIN_PORT\` answers in Prometheus's text format, with the sum over all
processes of a process tree (for gauges: the sum or the greatest value, as the table says). A gauge
exists only in a process that has the role for it.`;

const REST = `prom-client adds metrics named \`process_…\` and \`nodejs_…\`, without the
\`nodejs_eventloop_lag_…\` percentiles. Alerts are in
[compose/prometheus/alerts.yaml](../compose/prometheus/alerts.yaml), a dashboard is in
[compose/grafana](../compose/grafana/dashboards/likestream.json).`;

const EXAMPLE: ErrorCode = 'store_unavailable';

/** The values of each label. */
const LABELS: Readonly<Record<string, string>> = {
  type: 'name of an event type, as in `likes`',
  outcome: '`new`, `known`',
  doing: 'the step, as in `deliver`, `renew`',
  code: `an error code of [protocol.md](protocol.md#errors), as in ${code(EXAMPLE)}`,
  peer: 'name of the other datacenter',
  reason: 'why a request was refused: [tokens.md](tokens.md#what-goes-wrong)',
  stage: STAGES.map(code).join(', '),
  limit: LIMIT_NAMES.map(code).join(', '),
};

// prom-client's types lack the names of labels.
const described = z.object({
  name: z.string(),
  help: z.string(),
  type: z.enum(['counter', 'gauge', 'histogram']),
  labelNames: z.array(z.string()),
  aggregator: z.string(),
});
type Described = z.infer<typeof described>;

/** docs/metrics.md. */
export function metricsPage(): string {
  const metrics = ownMetrics();
  const rows = metrics.map(({ aggregator, help, labelNames, name, type }) => [
    code(name),
    type === 'gauge' ? `gauge, ${aggregator}` : type,
    unitOf(name),
    labelNames.map(code).join(', '),
    sentence(help),
  ]);
  const labels = [...new Set(metrics.flatMap(({ labelNames }) => labelNames))].map((name) => [
    code(name),
    LABELS[name] ?? missing(name),
  ]);
  const all = table(['name', 'type', 'unit', 'labels', 'meaning'], rows);
  const allLabels = `## Labels\n\n${table(['label', 'values'], labels)}`;
  return `${[INTRODUCTION, all, allLabels, REST].join('\n\n')}\n`;
}

function missing(label: string): never {
  throw new Error(`tools/docs/metrics-page.ts does not describe the label ${label}`);
}

function ownMetrics(): Described[] {
  const metrics = new Metrics();
  for (const name of Object.keys(GAUGES)) if (isGauge(name)) metrics.observe(name, () => 0);
  return metrics.registry
    .getMetricsAsArray()
    .filter(({ name }) => name.startsWith('likestream_'))
    .map((metric) => described.parse(metric))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function isGauge(name: string): name is keyof typeof GAUGES {
  return name in GAUGES;
}

function unitOf(name: string): string {
  if (name.includes('_seconds')) return 's';
  return name.endsWith('_utilization') ? 'ratio' : 'number';
}
