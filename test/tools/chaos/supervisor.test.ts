import { lastLineOf, type Supervised, Supervisor } from '../../../tools/chaos/supervisor';
import { eventually } from '../../end-to-end/api';

const RESTART_AFTER_MS = 1;

class Role implements Supervised {
  readonly role = 'dispatcher';
  output = '';
  isWanted = true;
  onExit: ((code: number | null) => void) | undefined;
  starts = 0;

  constructor(private refusals = 0) {}

  async start(): Promise<void> {
    this.starts += 1;
    if (this.refusals === 0) return;
    this.refusals -= 1;
    this.output += `refused ${this.starts}\n`;
    throw new Error('it ended');
  }
}

function watched(role: Role): Supervisor {
  const supervisor = new Supervisor([role], RESTART_AFTER_MS);
  supervisor.watch();
  return supervisor;
}

test('a process that ends by itself is started again, and its last line is kept', async () => {
  const role = new Role();
  const supervisor = watched(role);
  role.output = 'first\nthe log has lost its end\n';
  role.onExit?.(1);
  await eventually(async () => expect(role.starts).toBe(1));
  const line = 'the log has lost its end';
  expect(supervisor.ends).toEqual([{ role: 'dispatcher', code: 1, line }]);
});

test('a process that ends during its start is started until it runs', async () => {
  const role = new Role(3);
  const supervisor = watched(role);
  await supervisor.start(role);
  expect(role.starts).toBe(4);
  expect(supervisor.ends.map(({ line }) => line)).toEqual(['refused 1', 'refused 2', 'refused 3']);
});

test('a process that a fault has ended is not started again', async () => {
  const role = new Role(1);
  const supervisor = watched(role);
  role.isWanted = false;
  await expect(supervisor.start(role)).rejects.toThrow('it ended');
  expect(role.starts).toBe(1);
});

test('no process is started after the watch has ended', () => {
  const role = new Role();
  watched(role).stop();
  expect(role.onExit).toBeUndefined();
});

test('the last line is the last one that is not empty', () => {
  expect(lastLineOf('one\ntwo\n\n')).toBe('two');
  expect(lastLineOf('')).toBe('');
});

test('the line of a process that ended by an uncaught error is that error with its stack', () => {
  const stack = 'Error: no row\n    at read (/a/b.js:1:2)\n    at main (/a/c.js:3:4)';
  const output = `{"level":40}\n/a/b.js:1\n  throw x;\n  ^\n\n${stack}\n\nNode.js v20.20.2\n`;
  const line = 'Error: no row at read (/a/b.js:1:2) at main (/a/c.js:3:4)';
  expect(lastLineOf(output)).toBe(line);
});
