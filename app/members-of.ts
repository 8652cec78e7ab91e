import { systemEntropy } from '../runtime/entropy';
import type { Members } from '../runtime/members/members';
import { AnonymousMembers, TokenMembers } from '../runtime/members/token-members';
import type { Settings } from '../runtime/settings/settings';

/** Members by token if a key is configured, else anonymous ones. */
export function membersOf(settings: Settings): Members {
  const { JWT_SECRET: secret, JWT_JWKS_FILE: jwksFile, JWT_MEMBER_CLAIM: claim } = settings;
  const hasKey = secret !== undefined || jwksFile !== undefined;
  return hasKey
    ? new TokenMembers({ secret, jwksFile, claim })
    : new AnonymousMembers(systemEntropy);
}
