import type { ColumnType, LoggedType } from '../schemas/event-type';

const FITS: Readonly<Record<ColumnType, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  bigint: Number.isSafeInteger,
  boolean: (value) => typeof value === 'boolean',
};

/**
 * Returns the name of a column that cannot have its value of a body; undefined if each one can. The
 * shape of a module's type may allow such a value. Its entry would be in the log and never in the
 * store, and the positions of its partition would stop there.
 */
export function unstorableColumn(
  { columns }: Pick<LoggedType, 'columns'>,
  body: object,
): string | undefined {
  const [name] =
    Object.entries(columns).find(([column, kind]) => {
      const value: unknown = Reflect.get(body, column);
      return value !== undefined && value !== null && !FITS[kind](value);
    }) ?? [];
  return name;
}
