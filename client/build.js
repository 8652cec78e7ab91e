/**
 * Bundles the browser client: each module becomes one file without imports, in dist/client, from
 * which the server serves it. With `package` into client/dist, with types, for `npm pack`.
 */
const { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { buildSync } = require('esbuild');
const { buildPage } = require('./build-page');

const ROOT = join(__dirname, '..');
const PACKAGE = join(__dirname, 'dist');

const SOURCES = {
  client: 'index.ts',
  conversation: 'conversation/index.ts',
  hearts: 'hearts/index.ts',
  react: 'react/index.ts',
};

function bundle(outdir) {
  const sources = Object.entries(SOURCES).map(([name, file]) => [name, join(__dirname, file)]);
  buildSync({
    ...{ outdir, bundle: true, minify: true, format: 'esm', target: 'es2022' },
    entryPoints: Object.fromEntries(sources.filter(([, path]) => existsSync(path))),
    external: ['react'],
    logLevel: 'warning',
  });
}

/** Writes the types; Node's resolution needs the endings of files, which the sources leave out. */
function declare() {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', __dirname], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  for (const file of readdirSync(PACKAGE, { recursive: true })) {
    if (!file.endsWith('.d.ts')) continue;
    const path = join(PACKAGE, file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(/(from |import\()(['"])(\.[^'"]*)\2/g, '$1$2$3.js$2'));
  }
  writeFileSync(join(PACKAGE, 'package.json'), '{ "type": "module" }\n');
}

if (process.argv[2] === 'package') {
  rmSync(PACKAGE, { recursive: true, force: true });
  bundle(PACKAGE);
  declare();
} else {
  bundle(join(ROOT, 'dist', 'client'));
  buildPage();
}
