/** Bundles app.jsx into dist/app.js, which index.html loads: `npm run build`. */
const { join } = require('node:path');
const { buildSync } = require('esbuild');

exports.build = (more = {}) =>
  buildSync({
    entryPoints: [join(__dirname, 'app.jsx')],
    outfile: join(__dirname, 'dist', 'app.js'),
    ...{ bundle: true, minify: true, format: 'esm', target: 'es2022', jsx: 'automatic' },
    define: { 'process.env.NODE_ENV': '"production"' },
    ...more,
  });

if (require.main === module) exports.build();
