import { parse } from 'yaml';
import { z } from 'zod';
import { type Answer, type CallOptions, call } from './api';

type Json = { readonly [key: string]: unknown };

const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.object({
    schemas: z.record(z.string(), z.looseObject({})),
    responses: z.record(z.string(), z.looseObject({})),
  }),
});

const operation = z.object({ responses: z.record(z.string(), z.looseObject({})) });

const content = z.object({
  content: z.record(z.string(), z.object({ schema: z.looseObject({}) })).optional(),
});

/** A server's own description of its API; verifies real answers by it. */
export class Described {
  /** The calls of which an answer without an error was verified. */
  readonly verified = new Set<string>();

  private constructor(
    private readonly base: string,
    private readonly api: z.infer<typeof document>,
  ) {}

  static async of(base: string): Promise<Described> {
    const { text } = await call(base, 'GET', '/openapi.yaml');
    return new Described(base, document.parse(parse(text)));
  }

  /** The calls that the description has. */
  get calls(): string[] {
    return Object.entries(this.api.paths).flatMap(([path, item]) =>
      Object.keys(item)
        .filter((key) => key !== 'parameters')
        .map((method) => `${method.toUpperCase()} ${path}`),
    );
  }

  /** Makes a call; throws unless its answer is as described, without further fields. */
  async call(method: string, path: string, options?: CallOptions): Promise<Answer> {
    const answer = await call(this.base, method, path, options);
    this.verify(method, path, answer);
    return answer;
  }

  /** Throws unless an answer is as described. */
  verify(method: string, path: string, { headers, status, text }: Answer): void {
    const template = this.templateOf(path);
    const { responses } = operation.parse(this.api.paths[template]?.[method.toLowerCase()]);
    const described = responses[String(status)];
    if (!described) throw new Error(`${method} ${template} does not describe ${status}: ${text}`);
    const { content: bodies } = content.parse(this.resolved(described));
    const [type = ''] = (headers['content-type'] ?? '').split(';');
    if (!bodies) {
      if (text !== '') throw new Error(`${method} ${template} ${status} has a body: ${text}`);
    } else {
      const shape = bodies[type]?.schema;
      if (!shape) throw new Error(`${method} ${template} ${status} has the type ${type}`);
      if (type.endsWith('json')) this.require(shape, JSON.parse(text));
    }
    if (status < 400) this.verified.add(`${method} ${template}`);
  }

  /** Throws unless a value has a named shape, and no more fields. */
  requireShape(name: string, value: unknown): void {
    this.require({ $ref: `#/components/schemas/${name}` }, value);
  }

  private require(shape: Json, value: unknown): void {
    const { schemas } = this.api.components;
    const whole = { ...strict(shape), $defs: strict(schemas) };
    z.fromJSONSchema(whole as Parameters<typeof z.fromJSONSchema>[0]).parse(value);
  }

  private templateOf(path: string): string {
    const [plain = ''] = path.split('?');
    const found = Object.keys(this.api.paths).find((template) =>
      new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(plain),
    );
    if (found === undefined) throw new Error(`${plain} is not described`);
    return found;
  }

  private resolved(response: Json): Json {
    const { $ref } = response;
    const name = typeof $ref === 'string' ? $ref.replace('#/components/responses/', '') : '';
    return this.api.components.responses[name] ?? response;
  }
}

/** The shape without unknown fields, and with references to `$defs`. */
function strict<T>(part: T): T;
function strict(part: unknown): unknown {
  if (Array.isArray(part)) return part.map((each) => strict(each));
  if (typeof part !== 'object' || part === null) return part;
  const entries = Object.entries(part).map(([key, value]): [string, unknown] =>
    key === '$ref'
      ? [key, String(value).replace('#/components/schemas/', '#/$defs/')]
      : [key, strict(value)],
  );
  const all = Object.fromEntries(entries);
  const isClosed = all.type === 'object' && 'properties' in all;
  return isClosed && !('additionalProperties' in all)
    ? { ...all, additionalProperties: false }
    : all;
}
