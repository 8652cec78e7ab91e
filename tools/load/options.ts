import { randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';

const DEFAULT_URL = 'http://127.0.0.1:8080';
const MAX_BATCH_LIKES = 50;
const MAX_SOURCE_ADDRESSES = 253;
const MAX_VIDEOS = 100_000;
const ID_PATTERN = /^[A-Za-z0-9_.-]{1,56}$/;

/** The options of the command line. */
export interface Options {
  /** URLs that viewers connect to, used in turn. */
  readonly url: readonly URL[];
  /** URLs that likes are posted to, used in turn. */
  readonly postUrl: readonly URL[];
  readonly viewers: number;
  /** Likes a second, over all videos. */
  readonly rate: number;
  /** Comments a second, over all videos. */
  readonly comments?: number;
  /** Comments that are posted as fast as they are taken, after a third of the time. */
  readonly burst?: number;
  /** The time for which likes are posted. */
  readonly seconds: number;
  /** The video's id; with several videos, the start of their ids. */
  readonly video: string;
  readonly videos: number;
  /** Likes in one POST. */
  readonly batch: number;
  /** Viewers opened a second. */
  readonly connectRate: number;
  /** Viewers cut off a second. */
  readonly cut: number;
  /** Share of the POSTs that are sent twice, 0 to 1. */
  readonly doubles: number;
  readonly token?: string;
  readonly json: boolean;
  /** Whether the drivers without likestream are measured at the same time. */
  readonly bare?: boolean;
  /** Admin URLs, for the stages of a like. */
  readonly stages?: readonly URL[];
  /** Whether viewers reconnect after a status at which an EventSource stops. */
  readonly returnsWhenRefused?: boolean;
  /** The number of loopback addresses of viewers; 0: the system chooses the address. */
  readonly sourceAddresses: number;
}

type Mix = Required<Pick<Options, 'comments' | 'rate'>>;
type Values = Omit<Options, 'url' | 'postUrl' | 'video'> & Partial<Options> & { mix?: Mix };

/** Parses the command line; prints an error or the help and exits if necessary. */
export function readOptions(argv: readonly string[]): Options {
  const { mix: rates, ...values } = describe().parse(argv).opts<Values>();
  const url = values.url ?? [new URL(DEFAULT_URL)];
  const { postUrl = url, video = freshId() } = values;
  return { ...values, ...rates, url, postUrl, video };
}

function describe(): Command {
  return new Command('likestream-load')
    .description('Opens viewers, posts likes, measures, and checks that every total is exact.')
    .option(
      '--url <url>',
      `where viewers connect; repeat it for several URLs (${DEFAULT_URL})`,
      endpoints,
    )
    .option(
      '--post-url <url>',
      'where likes are posted; repeat it for several URLs (default: --url)',
      endpoints,
    )
    .option('--viewers <n>', 'viewers to open', whole(0, 1_000_000), 1000)
    .option('--rate <n>', 'likes a second; 0: only watch, others may post', decimal(0, 1e6), 100)
    .option('--comments <n>', 'comments a second', decimal(0, 1e5), 0)
    .option('--burst <n>', 'comments at once, as fast as they are taken', whole(0, 1_000_000), 0)
    .option('--mix <mix>', 'rates by type, as likes=500,comments=50', mix)
    .option('--seconds <n>', 'time for which likes are posted', decimal(0, 1e6), 30)
    .option('--video <id>', 'video to like (default: a new one)', id)
    .option('--videos <n>', 'spread over n videos, ID-0, ID-1, …', whole(1, MAX_VIDEOS), 1)
    .option('--batch <n>', 'likes in one POST', whole(1, MAX_BATCH_LIKES), 1)
    .option('--connect-rate <n>', 'viewers opened a second', decimal(1, 1e6), 1000)
    .option('--cut <n>', 'viewers cut a second; they reconnect', decimal(0, 1e5), 0)
    .option('--doubles <share>', 'share of POSTs sent twice, 0 to 1', decimal(0, 1), 0)
    .option('--token <jwt>', 'bearer token for POSTs and streams')
    .option(
      '--stages <url>',
      'admin URL of a process, for the stages of a like; repeat it for all',
      endpoints,
    )
    .option(
      '--bare',
      'also measure the drivers without likestream, on KAFKA_BROKERS and so on',
      false,
    )
    .option('--json', 'result as JSON on stdout', false)
    .option(
      '--source-addresses <n>',
      'connect from n addresses, 127.0.0.2 and up',
      whole(0, MAX_SOURCE_ADDRESSES),
      0,
    );
}

function freshId(): string {
  return `load-${randomBytes(6).toString('hex')}`;
}

function endpoints(value: string, before: readonly URL[] | undefined): readonly URL[] {
  if (!URL.canParse(value) || new URL(value).protocol !== 'http:') {
    throw new InvalidArgumentError('An http:// address is needed.');
  }
  return [...(before ?? []), new URL(value)];
}

function id(value: string): string {
  if (!ID_PATTERN.test(value)) {
    throw new InvalidArgumentError('1 to 56 of A-Z a-z 0-9 _ . - are needed.');
  }
  return value;
}

function mix(value: string): Mix {
  const rates = new URLSearchParams(value.replaceAll(',', '&'));
  const of = (name: string): number => decimal(0, 1e6)(rates.get(name) ?? '0');
  const other = [...rates.keys()].find((name) => !['likes', 'comments'].includes(name));
  if (other !== undefined) throw new InvalidArgumentError(`There is no type ${other}.`);
  return { rate: of('likes'), comments: of('comments') };
}

function decimal(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value.trim() === '' || !(number >= least && number <= most)) {
      throw new InvalidArgumentError(`A number from ${least} to ${most} is needed.`);
    }
    return number;
  };
}

function whole(least: number, most: number): (value: string) => number {
  const read = decimal(least, most);
  return (value) => {
    const number = read(value);
    if (!Number.isInteger(number)) {
      throw new InvalidArgumentError('A whole number is needed.');
    }
    return number;
  };
}
