import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGES } from './pages';

/** Writes the pages that are generated from the code. */
const ROOT = join(__dirname, '..', '..', '..');
for (const [path, pageFrom] of PAGES) {
  const file = join(ROOT, path);
  writeFileSync(
    file,
    pageFrom(() => readFileSync(file, 'utf8')),
  );
  process.stdout.write(`${path}\n`);
}
