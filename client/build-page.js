const { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { gzipSync } = require('node:zlib');
const { buildSync } = require('esbuild');

const ROOT = join(__dirname, '..');
const SOURCE = join(ROOT, 'web');
const BUNDLE = join(ROOT, 'dist', 'web');

/** What is bundled, and what is taken as it is. */
const ENTRIES = ['app.js', 'pictures-worker.js', 'theme.js', 'style.css'];
const COPIES = ['index.html', 'glyphs'];

/** The client's modules by the names under which any page imports the package. */
const CLIENT = {
  'likestream-client': join(__dirname, 'index.ts'),
  'likestream-client/conversation': join(__dirname, 'conversation', 'index.ts'),
  'likestream-client/hearts': join(__dirname, 'hearts', 'index.ts'),
};

const COMPRESSED = /\.(html|css|js)$/;

/**
 * Bundles the demo page with its part of the client into dist/web, from which the server serves it.
 * Beside each text is a compressed one, and beside each bundle a map to its sources.
 */
exports.buildPage = () => {
  rmSync(BUNDLE, { recursive: true, force: true });
  buildSync({
    ...{ outdir: BUNDLE, bundle: true, minify: true, format: 'esm', target: 'es2022' },
    entryPoints: ENTRIES.map((name) => join(SOURCE, name)),
    ...{ alias: CLIENT, sourcemap: 'linked', logLevel: 'warning' },
  });
  for (const name of COPIES) cpSync(join(SOURCE, name), join(BUNDLE, name), { recursive: true });
  for (const name of readdirSync(BUNDLE)) {
    if (!COMPRESSED.test(name)) continue;
    const path = join(BUNDLE, name);
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
  }
};
