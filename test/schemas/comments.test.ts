import { comments, MAX_GRAPHEMES } from '../../schemas/comments';

const isAccepted = (text: unknown) => comments.request?.safeParse({ text }).success;

const FAMILY = '👨‍👩‍👧‍👦';

describe("a comment's text", () => {
  it.each([
    ['one character', 'x'],
    ['newlines', 'one\ntwo\n'],
    ['other scripts and emoji', `ä ß 漢字 עברית ${FAMILY}`],
    ['the most characters', 'x'.repeat(MAX_GRAPHEMES)],
    ['the most characters of several code points each', 'e\u0301'.repeat(MAX_GRAPHEMES)],
    ['8 KiB', FAMILY.repeat(327)],
  ])('may have %s', (_, text) => {
    expect(isAccepted(text)).toBe(true);
    expect(comments.body.safeParse({ text }).success).toBe(true);
  });

  it.each([
    ['no character', ''],
    ['one character too many', 'x'.repeat(MAX_GRAPHEMES + 1)],
    ['one too many of several code points each', 'e\u0301'.repeat(MAX_GRAPHEMES + 1)],
    ['more than 8 KiB', FAMILY.repeat(328)],
    ['a tab', 'a\tb'],
    ['a carriage return', 'a\r\nb'],
    ['a null', 'a\0b'],
    ['a control of Latin-1', 'a\u0085b'],
    ['a high surrogate alone', 'a\ud83d'],
    ['a low surrogate alone', '\ude00b'],
    ['another type', 7],
    ['nothing', undefined],
  ])('is refused with %s', (_, text) => {
    expect(isAccepted(text)).toBe(false);
  });

  it('has an error of its own', () => {
    expect(comments.errors).toEqual({ text: 'invalid_text' });
  });
});
