import { z } from 'zod';
import { LikestreamError } from '../../schemas/errors';
import { ID_PATTERN } from '../../schemas/ids';
import type { ServiceKeys } from './service-keys';

/** `SENDER RECEIVER NUMBER CODE`: boot ids, and the code of the call. */
export const CALL_HEADER = 'x-likestream-call';
/** The member for whom a call is forwarded. */
export const MEMBER_HEADER = 'x-likestream-member';
/** The code of an answer. */
export const ANSWER_HEADER = 'x-likestream-answer';
/** `RECEIVER CODE`: the right boot id, in the answer to a call that was not executed. */
export const REFUSAL_HEADER = 'x-likestream-refusal';

/** The receiver of a call whose boot id the sender does not know yet. */
export const UNKNOWN_RECEIVER = '-';

/** The signed parts of a call. */
export interface SignedCall {
  readonly method: string;
  /** The path with the query, as sent. */
  readonly path: string;
  readonly member: string;
  readonly sender: string;
  readonly receiver: string;
  readonly number: number;
}

const header = z.tuple([
  z.string().regex(ID_PATTERN),
  z.string().regex(ID_PATTERN),
  z.coerce.number().int().positive(),
  z.string(),
]);

/** The header of a call. */
export function callHeader(keys: ServiceKeys, call: SignedCall, body: string | Buffer): string {
  const { number, receiver, sender } = call;
  return `${sender} ${receiver} ${number} ${keys.sign('call', partsOf(call), body)}`;
}

/** The call of a header, and its code; throws `unauthorized` unless the code is right. */
export function verifiedCall(
  keys: ServiceKeys,
  text: string,
  request: Pick<SignedCall, 'method' | 'path' | 'member'>,
  body: string | Buffer,
): SignedCall & { readonly code: string } {
  const parsed = header.safeParse(text.split(' '));
  if (!parsed.success) throw new LikestreamError('unauthorized', 'the call is not signed');
  const [sender, receiver, number, code] = parsed.data;
  const call = { ...request, sender, receiver, number };
  if (keys.isSigned(code, 'call', partsOf(call), body)) return { ...call, code };
  throw new LikestreamError('unauthorized', 'the code of the call is wrong');
}

function partsOf({ member, method, number, path, receiver, sender }: SignedCall) {
  return [method, path, receiver, sender, number, member];
}
