import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NATIVE_FOLDER } from './folders';

/** Replaces `${name}` in a template of this folder, and writes the result. */
export function fillTemplate(
  template: string,
  target: string,
  values: Readonly<Record<string, string | number>>,
): void {
  const text = readFileSync(join(NATIVE_FOLDER, template), 'utf8');
  const filled = text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${template} has an unknown value, ${name}`);
    return String(value);
  });
  writeFileSync(target, filled);
}
