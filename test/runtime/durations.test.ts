import { AggregatorRegistry, Histogram, Registry } from 'prom-client';
import { Durations } from '../../runtime/durations';

const BUCKETS = [0.001, 0.01, 0.1];

/** One of ours and prom-client's own, alike. */
function both() {
  const registries = [new Registry(), new Registry()] as const;
  const options = { name: 'step_seconds', help: 'Of a step', buckets: BUCKETS };
  const ours = new Durations({
    ...{ ...options, labelNames: ['type', 'stage'] },
    registry: registries[0],
  });
  const theirs = new Histogram({
    ...{ ...options, labelNames: ['type', 'stage'] },
    registers: [registries[1]],
  });
  return {
    observe(type: string, stage: string, seconds: number): void {
      ours.observe(type, stage, seconds);
      theirs.observe({ type, stage }, seconds);
    },
    texts: () => Promise.all(registries.map((each) => each.metrics())),
    json: () => Promise.all(registries.map((each) => each.getMetricsAsJSON())),
  };
}

describe('Durations', () => {
  it('have the text of prom-client’s histogram', async () => {
    const { observe, texts } = both();
    for (const stage of ['logged', 'stored']) {
      for (const seconds of [0, 0.001, 0.0011, 0.05, 0.1, 7]) observe('likes', stage, seconds);
    }
    observe('votes', 'logged', 0.02);
    const [ours, theirs] = await texts();
    expect(ours).toBe(theirs);
    expect(ours).toContain('step_seconds_count{type="likes",stage="stored"} 6');
  });

  it('are added up over processes as prom-client’s histogram is', async () => {
    const { json, observe } = both();
    for (const seconds of [0.0005, 0.05, 7]) observe('likes', 'logged', seconds);
    const [ours = '', theirs] = await Promise.all(
      (await json()).map((each) => AggregatorRegistry.aggregate([each, each]).metrics()),
    );
    expect(ours).toBe(theirs);
    expect(ours).toMatch(/^step_seconds_count.* 6$/m);
  });

  it('are empty before the first value', async () => {
    const [ours, theirs] = await both().texts();
    expect(ours).toBe(theirs);
  });
});
