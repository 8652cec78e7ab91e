import { z } from 'zod';
import { LikestreamError } from '../schemas/errors';
import type { LoggedType } from '../schemas/event-type';
import { id } from '../schemas/ids';
import { unstorableColumn } from './storable-body';

/** An entry of a request that has its type's shape. */
export interface VerifiedEntry {
  readonly id: string | undefined;
  readonly body: unknown;
  /** The fields that led to the body. */
  readonly fields: object;
}

/** The entries of a request, and whether it has a list. */
export interface VerifiedRequest {
  readonly entries: readonly VerifiedEntry[];
  readonly isList: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** Verifies requests with entries of one type by its schemas, and says what is wrong with them. */
export class RequestVerifier {
  private readonly fields: z.ZodType<Fields>;
  private readonly list: z.ZodType<Readonly<Record<string, readonly Fields[] | null | undefined>>>;

  constructor(private readonly type: LoggedType) {
    const { columns, idFrom, idName, maxPerRequest, name } = type;
    const names = [...Object.keys(columns), ...(idFrom === 'client' ? [idName] : [])];
    const known = Object.fromEntries(names.map((each) => [each, z.unknown().optional()]));
    this.fields = z.strictObject(known);
    this.list = z.strictObject({ [name]: z.array(this.fields).min(1).max(maxPerRequest) });
  }

  /**
   * Parses a request's body; null is a field that is not given. Throws `invalid_id`, the code that
   * the type has for an invalid field, or `invalid_body`.
   */
  parse(body: object): VerifiedRequest {
    const { maxPerRequest, name } = this.type;
    const given = withoutNulls(body, maxPerRequest > 1 ? [name] : []);
    if (maxPerRequest === 1 || !(name in given)) {
      return { entries: [this.parseEntry(this.verified(this.fields, given), [])], isList: false };
    }
    const list = this.verified(this.list, given)[name] ?? [];
    const entries = list.map((fields, index) => this.parseEntry(fields, [name, index]));
    return { entries, isList: true };
  }

  private parseEntry(fields: Fields, path: readonly PropertyKey[]): VerifiedEntry {
    const { body, idName, policy, request } = this.type;
    const { [idName]: givenId, ...given } = withoutNulls(fields, Object.keys(fields));
    const entryId = this.verified(id.optional(), givenId, [...path, idName]);
    const requested = this.verified(request ?? body, given, path);
    // Owners could not read a record whose body has not the shape of the log.
    const logged = request ? this.verified(body, requested, path) : requested;
    // Owners could not fold an entry whose body the policy refuses, and would read no further.
    policy.undoKey(logged);
    const column = unstorableColumn(this.type, Object(logged));
    if (column) throw this.refusal('cannot be stored', [...path, column]);
    return { id: entryId, body: logged, fields: given };
  }

  private verified<T>(shape: z.ZodType<T>, value: unknown, path: readonly PropertyKey[] = []): T {
    const parsed = shape.safeParse(value);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw this.refusal(issue?.message, [...path, ...(issue?.path ?? [])]);
  }

  private refusal(message: string | undefined, path: readonly PropertyKey[]): LikestreamError {
    const { errors, idName, name } = this.type;
    const field = path.find((part) => typeof part === 'string' && part !== name);
    const detail = path.length > 0 ? `${path.map(String).join('.')}: ${message}` : message;
    if (field === idName) return new LikestreamError('invalid_id', detail);
    return new LikestreamError(errors?.[String(field)] ?? 'invalid_body', detail);
  }
}

/** The object without those of these fields that are null. */
function withoutNulls(from: object, names: readonly string[]): Fields {
  const given = Object.entries(from).filter(
    ([name, value]) => value !== null || !names.includes(name),
  );
  return Object.fromEntries(given);
}
