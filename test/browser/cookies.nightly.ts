// Members on pages of the same site and of another, over TLS, in three engines. They are large, so
// `npm test` leaves it out and .ci/nightly runs it:
//   npx jest --testMatch '<rootDir>/test/**/cookies.nightly.ts'

import { fileText, rowsOf, sectionOf } from '../docs/page';
import { eventually, post } from '../end-to-end/api';
import { token } from '../runtime/members/tokens';
import { CHROMIUM, CHROMIUM_ALLOWING } from './engines/chromium';
import type { Engine } from './engines/engine';
import { FIREFOX } from './engines/firefox';
import { WEBKIT, WEBKIT_ITP } from './engines/webkit';
import { MemberPage, type Seen, type Way } from './member-page';
import { type From, type SameSite, Sites } from './sites';
import { PAGE_PATH } from './tls-front';

const START_MS = 180_000;
const TEST_MS = 120_000;
const WAIT_MS = 30_000;
const TOKEN_S = 3_600;

/** The columns of the table in docs/tokens.md. */
const KINDS = [CHROMIUM, CHROMIUM_ALLOWING, FIREFOX, WEBKIT, WEBKIT_ITP];

/** The rows of that table. */
const CASES: readonly { id: string; name: string; from: From; sameSite: SameSite; way: Way }[] = [
  { id: 'a', name: 'same origin', from: 'same origin', sameSite: 'lax', way: 'session' },
  { id: 'b', name: 'same site, other origin', from: 'same site', sameSite: 'lax', way: 'session' },
  { id: 'c', name: 'other site, `lax`', from: 'other site', sameSite: 'lax', way: 'session' },
  { id: 'd', name: 'other site, `none`', from: 'other site', sameSite: 'none', way: 'session' },
  {
    id: 'e',
    name: '… session begun on your own site',
    from: 'other site',
    sameSite: 'none',
    way: 'cookie',
  },
  { id: 'f', name: 'other site, query', from: 'other site', sameSite: 'lax', way: 'query' },
];

const expected = rowsOf(sectionOf(fileText('docs/tokens.md'), '### Cookies over sites'));
const WORKS = 'yes';
const REFUSED = 'no';

const bearer = token({ sub: 'ann', exp: Math.floor(Date.now() / 1_000) + TOKEN_S });
const authorized = { headers: { Authorization: `Bearer ${bearer}` } };
const shown = CASES.map(({ name }) => [name, ...KINDS.map(() => 'not run')]);

let sites: Sites;
beforeAll(async () => {
  sites = await Sites.start(CASES.map(({ id }) => id));
}, START_MS);
afterAll(async () => {
  await sites?.end();
  const rows = [['the page', ...KINDS.map(({ name }) => name)], ...shown];
  for (const row of rows) process.stdout.write(`${row.join(' | ')}\n`);
});

function namesIn({ events }: Seen, name: string): string[] {
  return events.flatMap((event) => (event.name === name ? [name] : []));
}

async function expectTotal(page: MemberPage, total: number): Promise<void> {
  await eventually(async () => {
    expect((await page.seen()).events.at(-1)?.data.total).toBe(total);
  }, WAIT_MS);
}

describe.each(KINDS.map((kind, at) => ({ ...kind, at })))('$name', (kind) => {
  const executable = kind.find();
  if (executable === undefined) {
    process.stdout.write(`${kind.name} is skipped: \`apt-get install ${kind.debian}\`\n`);
  }
  let engine: Engine;
  beforeAll(async () => {
    if (executable !== undefined) engine = await kind.start(executable, sites.proxyPort);
  }, START_MS);
  afterAll(() => engine?.end(), START_MS);

  /** Watches, and says whether the stream was opened or refused. */
  async function watch({ id, from, sameSite, way }: (typeof CASES)[number], video: string) {
    const service = sites.originOf(id, sameSite);
    const page = new MemberPage(engine);
    const given = { service, video, token: bearer };
    if (way === 'cookie') {
      await page.watch(`${service}${PAGE_PATH}`, { ...given, way: 'session' });
      await expectTotal(page, 0);
    }
    await page.watch(`${sites.pageOf(id, sameSite, from)}${PAGE_PATH}`, { ...given, way });
    const outcome = await eventually(async () => {
      const { errors, events } = await page.seen();
      if (errors.length === 0) expect(events.at(-1)?.name).toBe('snapshot');
      return errors.length === 0 ? WORKS : REFUSED;
    }, WAIT_MS);
    if (way === 'session') expect((await page.seen()).session).toBe(204);
    return { outcome, page };
  }

  /** Likes, is cut off, misses no like of that time, and comes back without a snapshot. */
  async function expectReconnect(page: MemberPage, sameSite: SameSite, video: string) {
    const { front, server } = sites.serviceOf(sameSite);
    await page.like();
    await expectTotal(page, 1);
    front.cutStreams();
    expect((await post(server.url, video, {}, authorized)).status).toBe(201);
    await expectTotal(page, 2);
    const seen = await page.seen();
    expect(seen.like).toBe(201);
    expect(namesIn(seen, 'ready')).toHaveLength(2);
    expect(namesIn(seen, 'snapshot')).toHaveLength(1);
  }

  (executable === undefined ? it.skip : it).each(CASES.map((each, row) => ({ ...each, row })))(
    '$name',
    async ({ row, ...each }) => {
      const video = `${each.id}-${kind.at}`;
      const { outcome, page } = await watch(each, video);
      const { front } = sites.serviceOf(each.sameSite);
      const [last] = front.streamsOf(`video:${video}`).slice(-1);
      expect(last).toMatchObject({
        hasCookie: outcome === WORKS && each.way !== 'query',
        hasQueryToken: each.way === 'query',
      });
      if (outcome === WORKS) {
        await expectReconnect(page, each.sameSite, video);
        const [again] = front.streamsOf(`video:${video}`).slice(-1);
        const lastEventId = expect.stringContaining(`video:${video}/likes=1:`);
        expect(again).toEqual({ ...last, lastEventId });
      }
      shown[row]?.splice(kind.at + 1, 1, outcome === WORKS ? 'works' : 'refused by the browser');
      expect(expected.find(([name]) => name === each.name)?.[kind.at + 1]).toBe(outcome);
    },
    TEST_MS,
  );
});
