import { z } from 'zod';

/** What a member may do, by channel; writing by event type, too. */
export interface Rights {
  mayWatch(channel: string): boolean;
  mayWrite(type: string, channel: string): boolean;
  mayModerate(channel: string): boolean;
  mayPublish(channel: string): boolean;
}

const patterns = z.array(z.string()).optional();

/** The claim `likestream` of a token. A final `*` of a pattern matches any rest. */
export const rightsClaim = z.object({
  /** Channels, as in `video:*`. */
  watch: patterns,
  /** `type:channel`, as in `TYPE:video:42` or `TYPE:*`. */
  write: patterns,
  moderate: patterns,
  publish: patterns,
});

export type RightsClaim = z.infer<typeof rightsClaim>;

/** The rights of a claim; a missing list grants nothing. */
export class ClaimedRights implements Rights {
  constructor(readonly claim: RightsClaim) {}

  mayWatch(channel: string): boolean {
    return isListed(this.claim.watch, channel);
  }

  mayWrite(type: string, channel: string): boolean {
    return isListed(this.claim.write, `${type}:${channel}`);
  }

  mayModerate(channel: string): boolean {
    return isListed(this.claim.moderate, channel);
  }

  mayPublish(channel: string): boolean {
    return isListed(this.claim.publish, channel);
  }
}

/** The rights of a token without the claim: to watch and to write everything. */
export const MEMBER_RIGHTS = new ClaimedRights({ watch: ['*'], write: ['*'] });

export const WATCH_RIGHTS = new ClaimedRights({ watch: ['*'] });

function isListed(patterns: readonly string[] | undefined, name: string): boolean {
  if (!patterns) return false;
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}
