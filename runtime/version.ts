import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const shape = z.object({ version: z.string() });

/** The folder of the product's package.json, above this file, compiled or not. */
export function productFolder(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** The version of the product. */
export function productVersion(): string {
  const text = readFileSync(join(productFolder(), 'package.json'), 'utf8');
  return shape.parse(JSON.parse(text)).version;
}
