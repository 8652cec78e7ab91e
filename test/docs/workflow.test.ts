import { parse } from 'yaml';
import { z } from 'zod';
import { fileText } from './page';

const job = z.object({
  'timeout-minutes': z.int(),
  strategy: z.object({ matrix: z.object({ node: z.array(z.int()) }) }).optional(),
  steps: z.array(z.looseObject({ run: z.string().optional() })),
});
const workflow = z.looseObject({ jobs: z.record(z.string(), job) });
const released = z.looseObject({
  on: z.object({ push: z.object({ tags: z.array(z.string()) }) }),
  permissions: z.record(z.string(), z.string()),
});

const IMAGE = parse(fileText('.github/workflows/image.yml'));
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

describe("a tag's workflow", () => {
  const runs = Object.values(workflow.parse(IMAGE).jobs)
    .flatMap(({ steps }) => steps.map(({ run = '' }) => run))
    .join('\n');

  it('builds, tries and pushes the image with the token of the workflow alone', () => {
    const { on, permissions } = released.parse(IMAGE);
    expect(on.push.tags).toEqual(['v*']);
    expect(permissions).toEqual({ contents: 'read', packages: 'write' });
    const [build, tried, push] = ['docker build', '/videos/42/likes', 'docker push'].map((it) => {
      return runs.indexOf(it);
    });
    expect([build, tried, push].every((at = -1) => at >= 0)).toBe(true);
    expect(tried).toBeGreaterThan(build ?? 0);
    expect(push).toBeGreaterThan(tried ?? 0);
    expect(fileText('.github/workflows/image.yml').match(/secrets\.\w+/g)).toEqual([
      'secrets.GITHUB_TOKEN',
    ]);
  });

  it('packs server and client', () => {
    expect(runs).toContain('npm pack --pack-destination packages');
    expect(runs).toContain('npm pack ./client');
  });
});
