import type { Context } from 'koa';
import { z } from 'zod';
import { LikestreamError } from '../../schemas/errors';
import { id } from '../../schemas/ids';
import { ClaimedRights, rightsClaim } from '../../schemas/rights';
import { MEMBER_HEADER } from '../services/signed-call';
import { reportRefusalsOf } from './challenge';
import type { Member } from './member';
import type { Members } from './members';
import type { ReportRefusal } from './refusal';

const forwarded = z.object({
  id,
  claim: rightsClaim,
  expiresAt: z.number().optional(),
  issuedAt: z.number().optional(),
  address: z.string().optional(),
  isAnonymous: z.boolean(),
  isNew: z.boolean().optional(),
});

/** The header for a member whose token this process has verified. */
export function memberHeader({ rights, ...member }: Member): string {
  const text = JSON.stringify({ ...member, claim: rights.claim });
  return Buffer.from(text).toString('base64url');
}

/** The members of forwarded requests, whose tokens were verified where they arrived. */
export class ForwardedMembers implements Members {
  /** @param refused reports the refusals of this process, for want of a right */
  constructor(private readonly refused: ReportRefusal) {}

  async memberOf(ctx: Context): Promise<Member> {
    try {
      const text = Buffer.from(ctx.get(MEMBER_HEADER), 'base64url').toString();
      reportRefusalsOf(ctx, this.refused);
      const { claim, ...member } = forwarded.parse(JSON.parse(text));
      return { ...member, rights: new ClaimedRights(claim) };
    } catch (cause) {
      throw new LikestreamError('unauthorized', 'the call names no member', { cause });
    }
  }
}
