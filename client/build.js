/**
 * Bundles the browser client: each module becomes one file without imports, in dist/client, from
 * which the server serves it. With `package` into client/dist, with types, for `npm pack`.
 */
const fs = require('node:fs');
const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { minifySync } = require('@swc/core');
const { buildSync } = require('esbuild');
const { buildPage } = require('./build-page');
const { internalNames } = require('./internal-names');

const ROOT = join(__dirname, '..');
const PACKAGE = join(__dirname, 'dist');
const PASSES = 4;

const SOURCES = {
  client: 'index.ts',
  conversation: 'conversation/index.ts',
  hearts: 'hearts/index.ts',
  react: 'react/index.ts',
};

function bundle(outdir) {
  const short = new RegExp(`^(${internalNames().join('|')})$`);
  fs.mkdirSync(outdir, { recursive: true });
  for (const [name, source] of Object.entries(SOURCES)) {
    const { outputFiles } = buildSync({
      entryPoints: [join(__dirname, source)],
      ...{ bundle: true, write: false, format: 'esm', target: 'es2022', external: ['react'] },
      // The other modules use the client by its public names only.
      ...(name === 'client' && { mangleProps: short }),
      logLevel: 'warning',
    });
    const { code } = minifySync(outputFiles[0].text, {
      ...{ module: true, ecma: 2022, mangle: true, compress: { ecma: 2022, passes: PASSES } },
    });
    fs.writeFileSync(join(outdir, `${name}.js`), code);
  }
}

/** Writes the types; Node's resolution needs the endings of files, which the sources leave out. */
function declare() {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', __dirname], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  for (const file of fs.readdirSync(PACKAGE, { recursive: true })) {
    if (!file.endsWith('.d.ts')) continue;
    const path = join(PACKAGE, file);
    const text = fs.readFileSync(path, 'utf8');
    fs.writeFileSync(path, text.replace(/(from |import\()(['"])(\.[^'"]*)\2/g, '$1$2$3.js$2'));
  }
  fs.writeFileSync(join(PACKAGE, 'package.json'), '{ "type": "module" }\n');
}

if (process.argv[2] === 'package') {
  fs.rmSync(PACKAGE, { recursive: true, force: true });
  bundle(PACKAGE);
  declare();
} else {
  bundle(join(ROOT, 'dist', 'client'));
  buildPage();
}
