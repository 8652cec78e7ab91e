import { TalkSite } from './talk-site';

const TEST_MS = 120_000;

let site: TalkSite;
beforeAll(async () => {
  site = await TalkSite.start();
}, TEST_MS);
afterEach(() => site.closeWindows());
afterAll(() => site?.end(), TEST_MS);

describe('the conversation without tokens', () => {
  it(
    'shows two visitors what the other one types, says, reads and deletes',
    async () => {
      const first = await site.open('open');
      const second = await site.open('open');
      await first.part('comment').pressSequentially('hi');
      await second.expectPart('typing', /^guest [0-9a-f]{4} is typing…$/);
      await first.part('send').click();
      await second.expectTexts('hi');
      await second.expectPart('typing', '');
      await first.expectStored('hi');
      await first.expectPart('read', /^Read by guest [0-9a-f]{4}$/);
      await second.say('hello');
      await first.expectTexts('hi', 'hello');
      expect(await first.row('hello').locator('.remove').count()).toBe(0);
      await second.row('hello').locator('.remove').click();
      await first.expectTexts('hi');
      expect([...first.problems, ...second.problems]).toEqual([]);
    },
    TEST_MS,
  );
});
