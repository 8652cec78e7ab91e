import { asLikestreamError, ERRORS, type ErrorCode, LikestreamError } from '../../schemas/errors';

const CODES = Object.keys(ERRORS) as ErrorCode[];

describe('LikestreamError', () => {
  it.each(CODES)('%s: shows its detail to a client only below 500', (code) => {
    const problem = new LikestreamError(code, 'what went wrong').toProblem();
    expect(problem).toMatchObject({ code, ...statusAndTitle(code) });
    const { status, title } = ERRORS[code];
    expect(problem.detail).toBe(status < 500 ? 'what went wrong' : title);
  });

  it('is retriable if and only if its status is 408, 429 or 503', () => {
    const retriable = CODES.filter((code) => new LikestreamError(code).retriable);
    expect(retriable).toEqual(
      CODES.filter((code) => [408, 429, 503].includes(ERRORS[code].status)),
    );
  });

  it('keeps its cause, and has its detail in the message', () => {
    const cause = new Error('ECONNREFUSED');
    const error = new LikestreamError('log_unavailable', 'broker 1', { cause });
    expect(error.cause).toBe(cause);
    expect(error.message).toContain('broker 1');
  });

  it('has its title as detail if none is given', () => {
    expect(new LikestreamError('not_found').toProblem().detail).toBe(ERRORS.not_found.title);
  });
});

describe('asLikestreamError', () => {
  it('returns a LikestreamError unchanged', () => {
    const ours = new LikestreamError('not_found');
    expect(asLikestreamError(ours, 'internal')).toBe(ours);
  });

  it('wraps any other value, with its message as detail and itself as cause', () => {
    const cause = new Error('disk full');
    const error = asLikestreamError(cause, 'store_unavailable');
    expect(error).toMatchObject({ code: 'store_unavailable', detail: 'disk full', cause });
    expect(asLikestreamError('just text', 'internal').detail).toBe('just text');
    expect(asLikestreamError(undefined, 'internal').code).toBe('internal');
  });
});

function statusAndTitle(code: ErrorCode): { status: number; title: string } {
  const { status, title } = ERRORS[code];
  return { status, title };
}
