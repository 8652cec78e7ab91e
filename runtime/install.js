/**
 * Prepares a checkout: installs the packages of package-lock.json that are missing, compiles, and
 * bundles the browser client.
 * With `run` it skips packages that only tests need. Plain JavaScript, because it runs before the
 * compiler.
 */
const { existsSync, readFileSync, rmSync } = require('node:fs');
const { join } = require('node:path');
const { spawnSync } = require('node:child_process');

const ROOT = join(__dirname, '..');
const RUN_ONLY = process.argv[2] === 'run';

function packagesIn(file) {
  const path = join(ROOT, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : {};
}

function isInstalled() {
  const there = packagesIn('node_modules/.package-lock.json');
  return Object.entries(packagesIn('package-lock.json')).every(([path, { version, ...kind }]) => {
    const isLeftOut = path === '' || kind.optional || (RUN_ONLY && (kind.dev || kind.devOptional));
    return isLeftOut || there[path]?.version === version;
  });
}

/** The compiler skips what it has compiled before, also if a file was removed from dist/ since. */
function forgetIncompleteBuild() {
  const info = join(ROOT, 'dist', '.tsbuildinfo');
  if (!existsSync(info)) return;
  const isComplete = sourcesIn(info).every((path) => existsSync(join(ROOT, 'dist', path)));
  if (!isComplete) rmSync(info);
}

/** The compiled paths of a build; a file of another form has none, and is written again. */
function sourcesIn(info) {
  try {
    const { fileNames } = JSON.parse(readFileSync(info, 'utf8'));
    const own = fileNames.filter((path) => /^\.\.\/(?!node_modules\/).*\.ts$/.test(path));
    const compiled = own.filter((path) => !path.endsWith('.d.ts'));
    return compiled.map((path) => path.slice('../'.length).replace(/\.ts$/, '.js'));
  } catch {
    return ['.tsbuildinfo of another form'];
  }
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

if (!isInstalled()) {
  process.stderr.write('likestream: installing packages, once …\n');
  const omit = RUN_ONLY ? ['--omit=dev'] : [];
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...omit]);
}
forgetIncompleteBuild();
if (!existsSync(join(ROOT, 'dist', '.tsbuildinfo'))) {
  process.stderr.write('likestream: compiling, once: seconds, on a slow machine minutes …\n');
}
const config = RUN_ONLY ? 'tsconfig.build.json' : 'tsconfig.all.json';
run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', config]);
run(process.execPath, [join(ROOT, 'client/build.js')]);
