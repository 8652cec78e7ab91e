import { readOptions, replayLine, scenarioOf } from '../../../tools/simulate/options';
import { ALL_BROKEN } from '../../simulation/broken';
import { ALL_FAULTS, faultsIn, faultsText, restMs } from '../../simulation/fault-kinds';

/** The words of a replay line, as a shell gives them to the command. */
function words(line: string): string[] {
  const options = line.slice(line.indexOf(' -- ') + ' -- '.length);
  const found = options.match(/"[^"]*"|\S+/g) ?? [];
  return ['node', 'main.js', ...found.map((word) => word.replaceAll('"', ''))];
}

test('a replay line has every option that determines a run', () => {
  for (const without of [undefined, ...Object.keys(ALL_BROKEN)]) {
    for (const faults of [ALL_FAULTS, faultsIn('late,clocks'), faultsIn('none')]) {
      const runs = { datacenters: 3, faults, without };
      const read = readOptions(words(replayLine(41, runs)));
      expect(read).toMatchObject({ seed: 41, seeds: 1, datacenters: 3 });
      expect(read.without).toBe(without);
      expect([...read.faults]).toEqual([...faults]);
      expect(scenarioOf(read)).toEqual(scenarioOf(runs));
    }
  }
});

test('without options, all faults strike in one datacenter, on every core', () => {
  const read = readOptions(['node', 'main.js']);
  expect(read).toMatchObject({ seed: 1, seeds: 1, datacenters: 1, find: false });
  expect(read.faults).toBe(ALL_FAULTS);
  expect(read.without).toBeUndefined();
  expect(read.jobs).toBeGreaterThan(0);
});

test('faults are parsed from the text that they are written as', () => {
  for (const text of ['all', 'none', 'late', 'clocks,flood']) {
    expect(faultsText(faultsIn(text))).toBe(text);
  }
  expect(() => faultsIn('late,flod')).toThrow('there is no fault flod');
});

test('after clock steps only, the time to recover is shorter', () => {
  expect(restMs(faultsIn('clocks,log-clock,future'))).toBe(5_000);
  expect(restMs(faultsIn('clocks,kill'))).toBe(15_000);
});
