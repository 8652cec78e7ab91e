import type { LoggedType } from '../../schemas/event-type';

type Columns = Pick<LoggedType, 'columns'>;

/** The fields of a body, in the order of its type's columns; null for each that is not given. */
export function columnsOf({ columns }: Columns, body: unknown): unknown[] {
  const fields = new Map(Object.entries(body ?? {}));
  return Object.keys(columns).map((name) => fields.get(name) ?? null);
}

/** The body that has these columns, in their order; null and undefined columns are left out. */
export function bodyOf({ columns }: Columns, values: readonly unknown[]): object {
  const fields = Object.keys(columns).map((name, at) => [name, values[at] ?? undefined] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}
