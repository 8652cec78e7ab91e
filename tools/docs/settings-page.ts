import { z } from 'zod';
import { SETTING_INFO } from '../../runtime/settings/setting-info';
import { defaultOf } from '../../runtime/settings/settings';
import { SETTING_GROUPS, SETTINGS_SHAPE } from '../../runtime/settings/table';
import { code, sentence, table } from './markdown';

const INTRODUCTION = `# Settings

<!-- Written by \`npm run docs\` from runtime/settings: edit that file, not this one. -->

Every setting is an environment variable, as in \`PORT=80 npm start\`. An empty value counts as not
set. A list is written with commas. A process with a wrong setting does not start; it prints every
wrong setting and exits with 1. \`npm start -- --help\` prints a short form of this page.`;

const shape = z.object({
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  pattern: z.string().optional(),
  format: z.string().optional(),
});
type Shape = z.infer<typeof shape>;
const shapeOfValues = shape.extend({ type: z.string(), items: shape.optional() });

/** docs/settings.md. */
export function settingsPage(): string {
  const parts = SETTING_GROUPS.map(([title, settings]) => {
    const rows = Object.keys(settings).map((name) => [
      code(name),
      defaultCell(name),
      valuesCell(name),
      meaningCell(name),
    ]);
    return `## ${title}\n\n${table(['name', 'default', 'values', 'meaning'], rows)}`;
  });
  return `${[INTRODUCTION, ...parts].join('\n\n')}\n`;
}

/** The groups of the README's table; the others matter only to those who run servers. */
export const README_GROUPS = [
  'Ports and roles',
  'Embedded mode',
  'Event types',
  'Pages',
  'Running',
];

/** The README's table: settings with their defaults, and one line each. */
export function settingsSummary(): string {
  const groups = SETTING_GROUPS.filter(([title]) => README_GROUPS.includes(title));
  const names = groups.flatMap(([, settings]) => Object.keys(settings));
  const rows = names.map((name) => [code(name), defaultCell(name), info(name).text]);
  return table(['name', 'default', ''], rows);
}

function settingOf(name: string): z.ZodType {
  const type = Object.entries(SETTINGS_SHAPE.shape).find(([each]) => each === name)?.[1];
  if (!type) throw new Error(`no setting ${name}`);
  return type;
}

function info(name: string) {
  const found = SETTING_INFO.get(settingOf(name));
  if (!found) throw new Error(`runtime/settings does not describe ${name}`);
  return found;
}

function defaultCell(name: string): string {
  const { unit, unset } = info(name);
  const value = defaultOf(settingOf(name));
  if (value === undefined) return unset ? `– (${unset})` : '–';
  if (value === '') return '(empty)';
  return unit ? `${code(value)} ${unit}` : code(value.replaceAll(',', ', '));
}

function valuesCell(name: string): string {
  const { items, type, ...own } = shapeOfValues.parse(z.toJSONSchema(settingOf(name)));
  if (type === 'array') return `list of ${itemsOf(items ?? {}) || 'text'}`;
  return type === 'integer' || type === 'number' ? rangeOf(own) : itemsOf(own) || 'text';
}

function itemsOf({ enum: values, format, pattern }: Shape): string {
  if (values) return values.map(code).join(', ');
  if (pattern) return code(pattern.replace(/^\^|\$$/g, ''));
  return format === 'uri' ? 'URL' : '';
}

function rangeOf({ maximum = Number.MAX_SAFE_INTEGER, minimum = 0 }: Shape): string {
  return maximum === Number.MAX_SAFE_INTEGER ? `${minimum} or more` : `${minimum} to ${maximum}`;
}

function meaningCell(name: string): string {
  const { isSecret, note, text } = info(name);
  const file = isSecret && `${code(`${name}_FILE`)} names a file that holds it.`;
  return [sentence(text), note, file].filter(Boolean).join(' ');
}
