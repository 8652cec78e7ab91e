import { ERRORS } from '../../schemas/errors';
import type { Json } from './shapes';

/** Only these calls answer a conflict: those that name what is written. */
const CONFLICT = 409;

/** Headers that come with a status. */
const HEADERS: Readonly<Record<number, Json>> = {
  401: {
    'WWW-Authenticate': { description: 'The challenge.', schema: { type: 'string' } },
  },
  405: { Allow: { description: 'The methods of the path.', schema: { type: 'string' } } },
  429: {
    'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } },
  },
  503: {
    'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } },
  },
};

const STATUSES = [...new Set(Object.values(ERRORS).map(({ status }) => status))].sort();

/** The shape of all error answers (RFC 9457). */
export const PROBLEM_SHAPE: Json = {
  type: 'object',
  properties: {
    status: { type: 'integer' },
    title: { type: 'string' },
    detail: { type: 'string', description: 'What exactly was wrong; it may change.' },
    code: { enum: Object.keys(ERRORS), description: 'Stable: programs decide by it.' },
  },
  required: ['status', 'title', 'code'],
};

/** The error answers, by the names that operations refer to. */
export const PROBLEM_RESPONSES: Json = Object.fromEntries(
  STATUSES.map((status) => [nameOf(status), responseOf(status)]),
);

/** The error answers of an operation, by status. */
export function problemsOf({ canConflict = false } = {}): Json {
  const statuses = STATUSES.filter((status) => canConflict || status !== CONFLICT);
  return Object.fromEntries(
    statuses.map((status) => [status, { $ref: `#/components/responses/${nameOf(status)}` }]),
  );
}

function nameOf(status: number): string {
  return `Problem${status}`;
}

function responseOf(status: number): Json {
  const all = Object.entries(ERRORS).filter(([, error]) => error.status === status);
  const headers = HEADERS[status];
  return {
    description: all.map(([code, { title }]) => `\`${code}\`: ${title}.`).join(' '),
    ...(headers && { headers }),
    content: {
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    },
  };
}
