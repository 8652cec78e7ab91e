import type { Answer, Comment, Live, Receipt, Snapshot, Watched } from '../types';
import { Receipts, Typists } from './attention';
import { CommentList, Gap } from './comment-list';
import { type Row, readGap, readPage } from './history';
import { Reading } from './reading';
import { type Throttle, throttle } from './throttle';
import type { Conversation, ConversationHandlers, ConversationOptions } from './types';

const MOST_KEPT = 200;

/** The comments that are kept if the page reads older ones. */
const MOST_WITH_OLDER = 2000;
const OLDER_PAGE = 50;

const MOST_PENDING = 50;

/** Gaps that wait while another one is read; with more, comments before the newest are dropped. */
const MOST_GAPS = 8;

/** Handlers are called at most once in this time; for an own comment at once. */
const CHANGED_MS = 50;

/** Typing is sent at most once in this time. */
const TYPING_MS = 1000;

const isComment = (body: object = {}): body is Comment => 'commentId' in body && 'text' in body;

/** The conversation of a video. */
export class Talk implements Conversation {
  readonly #comments: string;
  readonly #moments: string;
  readonly #most: number;
  readonly #list: CommentList;
  readonly #receipts = new Receipts();
  readonly #typists: Typists;
  readonly #reading: Reading;
  readonly #changed: Record<'comments' | 'typing' | 'receipts', Throttle>;
  readonly #watched: Watched[];
  #attributes: Readonly<Record<string, unknown>> = {};
  #gaps: Gap[] = [];
  #isFilling = false;
  /** Where older comments go on, if this one is still the oldest that is shown. */
  #olderPage: { readonly oldest: string | undefined; readonly path: string } | undefined;
  #olderRead: Promise<boolean> | undefined;
  #typedAt = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(
    private readonly live: Live,
    channel: string,
    private readonly on: ConversationHandlers,
    options: ConversationOptions,
  ) {
    const id = channel.slice(channel.indexOf(':') + 1);
    this.#comments = `/videos/${encodeURIComponent(id)}/comments`;
    this.#moments = `/conversations/${encodeURIComponent(id)}`;
    this.#most = options.most ?? MOST_KEPT;
    this.#list = new CommentList(this.#most);
    this.#changed = {
      comments: throttle(CHANGED_MS, () => on.comments?.(this.#list.comments)),
      typing: throttle(CHANGED_MS, () => on.typing?.(this.#typists.members)),
      receipts: throttle(CHANGED_MS, () => on.receipts?.()),
    };
    this.#typists = new Typists(() => this.#changed.typing.request());
    this.#reading = new Reading((messageId) =>
      live.send('POST', `${this.#moments}/receipts`, { messageId }),
    );
    this.#watched = this.#watch(channel, `conversation:${id}`, options);
    live.memberId().then((memberId) => this.#know(memberId));
  }

  async comment(text: string): Promise<Answer> {
    if (this.#list.pending >= MOST_PENDING) {
      return { status: 0, isOk: false, body: { code: 'too_many_pending' } };
    }
    const commentId = this.live.id();
    this.#list.add({ commentId, text, memberId: '', at: Date.now(), place: '' }, true);
    this.#changed.comments.now();
    this.#typedAt = Number.NEGATIVE_INFINITY;
    const answer = await this.live.send('POST', this.#comments, { commentId, text });
    if (!answer.isOk) this.#list.refuse(commentId);
    else if (isComment(answer.body)) {
      this.#list.add(answer.body);
      this.#know(answer.body.memberId);
    }
    this.#changed.comments.now();
    return answer;
  }

  async remove(commentId: string): Promise<Answer> {
    const answer = await this.live.send('DELETE', `${this.#comments}/${commentId}`);
    if (answer.isOk) this.#delete(commentId);
    return answer;
  }

  typing(): void {
    const now = performance.now();
    if (now - this.#typedAt < TYPING_MS) return;
    this.#typedAt = now;
    this.live.send('POST', `${this.#moments}/typing`, {}, 1);
  }

  read(messageId: string): void {
    this.#reading.read(messageId);
  }

  readersOf(messageId: string): readonly string[] {
    return this.#receipts.readersOf(messageId);
  }

  older(): Promise<boolean> {
    this.#olderRead ??= this.#readOlder().finally(() => {
      this.#olderRead = undefined;
    });
    return this.#olderRead;
  }

  close(): void {
    this.#isClosed = true;
    for (const watched of this.#watched) watched.close();
    for (const throttled of Object.values(this.#changed)) throttled.end();
    this.#reading.end();
    this.#typists.clear();
    this.#gaps = [];
  }

  #watch(channel: string, moments: string, { id, state }: ConversationOptions): Watched[] {
    const { on } = this;
    const start = { ...(id && { id }), ...(state && { state }) };
    const onVideo = {
      snapshot: (snapshot: Snapshot) => this.#start(snapshot),
      comment: (comment: Comment) => this.#add(comment),
      comment_deleted: (deleted: { readonly commentId: string }) => this.#delete(deleted.commentId),
      gap: ({ history }: { readonly history: string }) => this.#fillLater(history),
      ...(on.attributes && {
        attribute: ({ name, value }: { readonly name: string; readonly value: unknown }) =>
          this.#setAttributes({ ...this.#attributes, [name]: value }),
      }),
    };
    const onMoments = {
      snapshot: (snapshot: Snapshot) => this.#start(snapshot),
      ...(on.typing && {
        typing: (typing: { readonly memberId: string; readonly active: boolean }) =>
          this.#typists.set(typing.memberId, typing.active),
      }),
      ...(on.receipts && { receipt: (receipt: Receipt) => this.#addReceipt(receipt) }),
    };
    const watched = [this.live.watch(channel, onVideo, start)];
    if (on.typing || on.receipts) watched.push(this.live.watch(moments, onMoments));
    return watched;
  }

  #know(memberId: string | undefined): void {
    this.#list.setSelf(memberId);
    this.#changed.comments.request();
  }

  #start({ attributes, comments, receipts = [], typing = [] }: Snapshot): void {
    if (attributes) this.#setAttributes(attributes);
    if (comments) {
      this.#gaps = [];
      this.#list.reset(comments);
      this.#changed.comments.request();
    }
    for (const receipt of receipts) this.#addReceipt(receipt);
    for (const memberId of typing) this.#typists.set(memberId, true);
  }

  #add(comment: Comment): void {
    this.#list.add(comment);
    this.#typists.set(comment.memberId, false);
    this.#changed.comments.request();
  }

  #delete(commentId: string): void {
    this.#list.delete(commentId);
    this.#changed.comments.request();
  }

  #setAttributes(all: Readonly<Record<string, unknown>>): void {
    const present = Object.entries(all).filter(([, value]) => value !== null);
    this.#attributes = Object.fromEntries(present);
    this.on.attributes?.(this.#attributes);
  }

  #addReceipt(receipt: Receipt): void {
    if (this.#receipts.add(receipt)) this.#changed.receipts.request();
  }

  #fillLater(history: string): void {
    const gap = new Gap(history);
    this.#list.addGap(gap);
    this.#gaps.push(gap);
    const surplus = this.#gaps.length > MOST_GAPS ? this.#gaps.shift() : undefined;
    if (surplus) this.#list.fill(surplus, [], false);
    if (!this.#isFilling) this.#fillGaps();
  }

  async #fillGaps(): Promise<void> {
    this.#isFilling = true;
    for (let gap = this.#gaps.shift(); gap; gap = this.#gaps.shift()) {
      const { isComplete, rows } = await readGap(this.live, gap.history, this.#most);
      if (this.#isClosed) return;
      this.#list.fill(gap, this.#present(rows), isComplete);
      this.#changed.comments.request();
    }
    this.#isFilling = false;
  }

  /** The comments among these; the others are deletions. */
  #present(rows: readonly Row[]): readonly Row[] {
    for (const { commentId, deleted } of rows) if (deleted) this.#list.delete(commentId);
    return rows.filter(({ deleted }) => !deleted);
  }

  async #readOlder(): Promise<boolean> {
    const { oldest } = this.#list;
    // For those that come meanwhile: they would push out the comments that the page is before.
    this.#list.makeRoom(2 * OLDER_PAGE);
    const before = oldest ? `&before=${oldest}` : '';
    let path: string | undefined = `${this.#comments}?limit=${OLDER_PAGE}${before}`;
    if (this.#olderPage?.oldest === oldest) path = this.#olderPage?.path ?? path;
    const found: Row[] = [];
    while (path && found.length === 0) {
      const page = await readPage(this.live, path);
      if (page === undefined) return true;
      found.push(...this.#present(page.rows));
      path = page.next;
      // The page may be empty because a comment can't be read yet.
      if (page.rows.length === 0) break;
    }
    if (this.#list.oldest !== oldest) return true;
    this.#list.addOlder(found.reverse());
    this.#changed.comments.now();
    const [first] = this.#list.comments;
    this.#olderPage = path ? { oldest: first?.commentId, path } : undefined;
    return path !== undefined && this.#list.comments.length < MOST_WITH_OLDER;
  }
}
