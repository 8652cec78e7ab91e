import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const shape = z.object({ version: z.string() });

/** The version of the product, from the package.json above this file, compiled or not. */
export function productVersion(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return shape.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).version;
}
