import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from '../../compose/native/folders';

const service = z.object({
  image: z.string(),
  command: z.array(z.string()).optional(),
  profiles: z.array(z.string()).default([]),
  user: z.string().optional(),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  pids_limit: z.int().optional(),
  ulimits: z.object({ nofile: z.int() }).optional(),
  restart: z.string().optional(),
  mem_limit: z.string(),
  logging: z.object({ options: z.object({ 'max-size': z.string() }) }).optional(),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  ports: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
});
const shape = z.object({ services: z.record(z.string(), service) });

/** The fields of a service of compose.yaml that tests read. */
export type Service = z.infer<typeof service>;

/** A file of the folder compose/, as text. */
export function fileOf(...path: string[]): string {
  return readFileSync(join(ROOT, 'compose', ...path), 'utf8');
}

/** A YAML file of the folder compose/, merge keys merged. */
export function yamlOf(...path: string[]): unknown {
  return parse(fileOf(...path), { merge: true, maxAliasCount: -1 });
}

/** The services of compose.yaml by name. */
export const SERVICES = new Map(Object.entries(shape.parse(yamlOf('compose.yaml')).services));

/** The services that are roles of likestream. */
export const ROLES = new Map([...SERVICES].filter(([, { environment }]) => environment.ROLE));

/** A Java properties file as an object. */
export function propertiesOf(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => /^[^#\s]/.test(line));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
