import { Metrics } from '../../../runtime/metrics';
import { figuresOf, stagesIn } from '../../../tools/load/stages';

describe('the stages of a like, read from metrics', () => {
  it('are the differences of two readings, summed over all processes', async () => {
    const processes = [new Metrics(), new Metrics()];
    const read = async () =>
      stagesIn(await Promise.all(processes.map(({ registry }) => registry.metrics())));
    processes[0]?.stage('likes', 'logged', 400);
    const before = await read();
    for (const ms of [1, 3, 4]) processes[0]?.stage('likes', 'logged', ms);
    processes[1]?.stage('likes', 'logged', 8);
    processes[1]?.stage('likes', 'written', 20);
    processes[1]?.stage('poll-votes', 'written', 90);
    const [logged, written, ...rest] = figuresOf(before, await read());
    expect(rest).toEqual([]);
    expect(logged).toMatchObject({ stage: 'logged', count: 4 });
    expect(logged?.mean).toBeCloseTo(4);
    expect(logged?.p50).toBeCloseTo(3);
    expect(logged?.p90).toBeCloseTo(9, 0);
    expect(written).toMatchObject({ stage: 'written', count: 1, mean: expect.closeTo(20) });
  });

  it('are empty if metrics have none', () => {
    expect(figuresOf(stagesIn([]), stagesIn(['up 1\n']))).toEqual([]);
  });
});
