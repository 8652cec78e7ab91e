import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fileText, ROOT } from './page';

const lock = z
  .object({
    packages: z.record(
      z.string(),
      z.object({
        name: z.string().optional(),
        license: z.string().optional(),
        hasInstallScript: z.boolean().optional(),
        link: z.boolean().optional(),
      }),
    ),
  })
  .parse(JSON.parse(fileText('package-lock.json')));
// A link has the entries of its folder.
const packages = Object.entries(lock.packages).filter(([path, { link }]) => path !== '' && !link);

test('each package has a licence', () => {
  expect(packages.filter(([, { license }]) => !license).map(([path]) => path)).toEqual([]);
});

test('no package may run a script when it is installed', () => {
  const { allowScripts } = JSON.parse(fileText('package.json'));
  const names = packages
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  expect(names.length).toBeGreaterThan(3);
  expect(names.filter((name) => allowScripts[name] !== false)).toEqual([]);
});

test('a packed server comes without compilers and types', () => {
  const { dependencies } = JSON.parse(fileText('package.json'));
  const compiling = /^(@types\/.*|@swc\/.*|esbuild|typescript)$/;
  expect(Object.keys(dependencies).filter((name) => compiling.test(name))).toEqual([]);
  const compiler = Object.keys(JSON.parse(fileText('compiler/package.json')).dependencies);
  expect(compiler.filter((name) => !compiling.test(name))).toEqual([]);
  expect(compiler).toContain('typescript');
});

test('no npm script needs another one before it, which ignore-scripts would leave out', () => {
  const { scripts } = JSON.parse(fileText('package.json'));
  const names = Object.keys(scripts);
  const before = names.filter((name) => names.some((other) => name === `pre${other}`));
  expect(before).toEqual([]);
  expect(scripts.start).toMatch(/^node runtime\/install\.js run && exec node /);
});

test("each npm script's program is in the build that the script makes before", () => {
  const scripts: Record<string, string> = JSON.parse(fileText('package.json')).scripts;
  const programs = Object.values(scripts).flatMap((script) => {
    const [, kind, program] =
      /install\.js (run|all) && exec node dist\/(\S+)\.js$/.exec(script) ?? [];
    return program === undefined ? [] : [{ kind, program }];
  });
  expect(programs.length).toBeGreaterThan(8);
  const folders = { run: includedIn('tsconfig.build.json'), all: includedIn('tsconfig.all.json') };
  const lost = programs.filter(({ kind, program }) => {
    const source = `${program}.ts`;
    const isIn = (folder: string) => source === folder || source.startsWith(`${folder}/`);
    const isBuilt = folders[kind === 'run' ? 'run' : 'all'].some(isIn);
    return !isBuilt || !existsSync(join(ROOT, source));
  });
  expect(lost).toEqual([]);
});

function includedIn(config: string): readonly string[] {
  return JSON.parse(fileText(config)).include;
}
