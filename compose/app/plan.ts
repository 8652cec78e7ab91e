import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { freePorts } from '../native/ports';

const EACH = 2;
const ROLES = ['producer', 'dispatcher', 'frontend'] as const;

const member = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  port: z.int(),
  adminPort: z.int(),
});
const shape = z.object({
  doorPort: z.int(),
  jwtSecret: z.string(),
  serviceSecret: z.string(),
  members: z.array(member),
});

/** One process of the app: its role, its public port and its admin port. */
export type AppMember = z.infer<typeof member>;

/** The processes of the app with their ports and keys, the same at each start in one folder. */
export type AppPlan = z.infer<typeof shape>;

/** The saved plan of this folder; undefined if it has none. */
export function savedPlan(folder: string): AppPlan | undefined {
  const file = fileIn(folder);
  return existsSync(file) ? shape.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

/** Plans two of each role on free ports, and a door on `doorPort`; saves the plan. */
export async function makePlan(folder: string, doorPort: number): Promise<AppPlan> {
  const names = ROLES.flatMap((role) =>
    Array.from({ length: EACH }, (_, at) => ({ role, name: `${role}-${at + 1}` })),
  );
  const ports = await freePorts(names.length * 2, [doorPort]);
  const plan: AppPlan = {
    doorPort,
    jwtSecret: randomBytes(24).toString('hex'),
    serviceSecret: randomBytes(24).toString('hex'),
    members: names.map((each, at) => ({
      ...each,
      port: ports[at * 2] ?? 0,
      adminPort: ports[at * 2 + 1] ?? 0,
    })),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileIn(folder), JSON.stringify(plan, null, 2), { mode: 0o600 });
  return plan;
}

function fileIn(folder: string): string {
  return join(folder, 'app.json');
}
