import { parse } from 'yaml';
import { z } from 'zod';
import { fileText } from './page';

const job = z.object({
  'timeout-minutes': z.int(),
  strategy: z.object({ matrix: z.object({ node: z.array(z.int()) }) }).optional(),
  steps: z.array(z.looseObject({ run: z.string().optional() })),
});
const workflow = z.object({ jobs: z.record(z.string(), job) });

const JOBS = Object.values(workflow.parse(parse(fileText('.github/workflows/ci.yml'))).jobs);

/** The Node versions with which a command of the workflow runs. */
function versionsOf(command: string): readonly number[] {
  const runsIt = JOBS.filter(({ steps }) => steps.some(({ run }) => run?.includes(command)));
  return runsIt.flatMap(({ strategy }) => strategy?.matrix.node ?? []);
}

describe('the workflow', () => {
  it.each(['npm start', 'npm test'])("runs the README's %s on Node 20 and 22", (command) => {
    expect(fileText('README.md')).toContain(`${command} `);
    expect(versionsOf(command)).toEqual([20, 22]);
  });

  it('runs only scripts that exist', () => {
    const { scripts } = JSON.parse(fileText('package.json'));
    const runs = JOBS.flatMap(({ steps }) => steps.map(({ run = '' }) => run)).join('\n');
    const named = [...runs.matchAll(/npm (?:run )?([a-z]+)/g)].map(([, script = '']) => script);
    expect(named.filter((script) => script !== 'ci' && !(script in scripts))).toEqual([]);
  });
});
