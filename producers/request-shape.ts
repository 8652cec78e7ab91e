import type { LoggedType } from '../schemas/event-type';
import { isId } from '../schemas/ids';
import type { NewEntry } from './acceptance';
import { KnownBodies } from './known-bodies';
import { encodeBody } from './record-pieces';
import { RequestVerifier } from './request-verifier';

/** The entries of a request, and whether it has a list, so that the answer has one too. */
export interface ParsedRequest {
  readonly entries: readonly NewEntry[];
  readonly isList: boolean;
}

/**
 * The shape of requests with entries of one type: one entry, or a list under the type's name. It
 * reads requests of the common form itself, and leaves all others and all refusals to the schemas.
 */
export class RequestShape {
  private readonly verifier: RequestVerifier;
  private readonly known = new KnownBodies();
  private readonly idName: string | undefined;
  private readonly columns: readonly string[];

  constructor(private readonly type: LoggedType) {
    this.verifier = new RequestVerifier(type);
    this.idName = type.idFrom === 'client' ? type.idName : undefined;
    this.columns = Object.keys(type.columns);
  }

  /**
   * Parses a request's body; null is a field that is not given. Throws `invalid_id`, the code that
   * the type has for an invalid field, or `invalid_body`.
   */
  parse(body: object): ParsedRequest {
    return this.commonList(body) ?? this.commonSingle(body) ?? this.verified(body);
  }

  private commonSingle(body: object): ParsedRequest | undefined {
    const entry = this.commonEntry(body);
    return entry && { entries: [entry], isList: false };
  }

  private commonList(body: object): ParsedRequest | undefined {
    const { maxPerRequest, name } = this.type;
    if (maxPerRequest === 1 || !Object.hasOwn(body, name)) return undefined;
    const list: unknown = Reflect.get(body, name);
    if (!Array.isArray(list) || list.length === 0 || list.length > maxPerRequest) return undefined;
    if (Object.keys(body).length > 1) return undefined;
    const entries: NewEntry[] = [];
    for (const fields of list as readonly unknown[]) {
      const entry = isFields(fields) ? this.commonEntry(fields) : undefined;
      if (!entry) return undefined;
      entries.push(entry);
    }
    return { entries, isList: true };
  }

  /** An entry whose fields are known to lead to a body; undefined for all others. */
  private commonEntry(fields: object): NewEntry | undefined {
    for (const name of Object.keys(fields)) {
      if (name !== this.idName && !this.columns.includes(name)) return undefined;
      // JSON has no infinite number: its text would be that of a field that is not given.
      if (isInfinite(Reflect.get(fields, name))) return undefined;
    }
    const given: unknown = this.idName === undefined ? undefined : Reflect.get(fields, this.idName);
    const id = given ?? undefined;
    if (id !== undefined && !isId(id)) return undefined;
    const known = this.known.get(this.textOf(fields));
    return known && { id, body: known.body, encoded: known.encoded };
  }

  private verified(body: object): ParsedRequest {
    const parsed = this.verifier.parse(body);
    const entries = parsed.entries.map(({ body: verified, fields, id }) => {
      const encoded = encodeBody(verified);
      this.known.add(this.textOf(fields), { body: verified, encoded });
      return { id, body: verified, encoded };
    });
    return { entries, isList: parsed.isList };
  }

  /** The fields of a body as one text, whatever their order. */
  private textOf(fields: object): string {
    return JSON.stringify(this.columns.map((name) => Reflect.get(fields, name)));
  }
}

function isInfinite(value: unknown): boolean {
  return typeof value === 'number' && !Number.isFinite(value);
}

function isFields(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
