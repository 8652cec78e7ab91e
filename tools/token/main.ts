#!/usr/bin/env node
import { Command } from 'commander';
import { SignJWT } from 'jose';
import { readSettings } from '../../runtime/settings/settings';
import { runProgram, say } from '../operator/program';
import { claimsOf, seconds, type TokenOptions } from './claims';

const IS_SCRIPT = process.env.npm_lifecycle_event === 'token';
const COMMAND = IS_SCRIPT ? 'npm run token --silent --' : 'npx likestream-token';

const HELP = `
Prints a token for a member, signed with JWT_SECRET (or with the key in the file JWT_SECRET_FILE).
JWT_ISSUER, JWT_AUDIENCE and JWT_MEMBER_CLAIM are read, too.

Rights name channels, with a final * for any rest. Without one of the four options the member may
watch and write everything. With one of them, it may do only what they list.

Examples:
  JWT_SECRET=… ${COMMAND} --sub ann --for 1h
  JWT_SECRET=… ${COMMAND} --sub ann --watch 'video:*' --write 'likes:*'
  JWT_SECRET=… ${COMMAND} --sub backend --publish 'video:*' --for 7d`;

async function token(options: TokenOptions): Promise<void> {
  const settings = readSettings(process.env);
  if (settings.JWT_SECRET === undefined) throw new Error('set JWT_SECRET or JWT_SECRET_FILE');
  const nowS = Math.floor(Date.now() / 1_000);
  const claims = new SignJWT({ ...claimsOf(options, settings, nowS) });
  const signed = claims.setProtectedHeader({ alg: 'HS256', typ: 'JWT' });
  say(await signed.sign(Buffer.from(settings.JWT_SECRET)));
}

runProgram(
  'token',
  new Command(COMMAND)
    .description(HELP)
    .requiredOption('--sub <id>', 'the member')
    .option('--for <time>', 'how long it is valid: 90s, 10m, 1h, 7d', seconds, seconds('1h'))
    .option('--watch <channels...>', "channels that it may watch, as in 'video:*'")
    .option('--write <targets...>', "types and channels that it may write, as in 'likes:video:42'")
    .option('--moderate <channels...>', 'channels whose comments it may delete')
    .option('--publish <channels...>', 'channels whose attributes it may set')
    .action(token),
);
