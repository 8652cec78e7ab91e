import { fuzzInnerRoutes } from './inner-routes';
import { fuzzParser, PARSERS } from './parsers';
import { type FuzzRun, fuzzPublicRoutes } from './public-routes';

/** At least this many inputs in all. */
const INPUTS = { public: 70_000, inner: 30_000, ofEachParser: 5_000 };
const ROUNDS = 7;
const NIGHT_MS = 3_600_000;

/** Memory grows while caches fill; after the first rounds at most by this. */
const MAX_GROWTH_MIB = 64;

/** `FUZZ_SEED` repeats a run; without it each night has other inputs. */
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 1e9));

function say(name: string, { counts, rssMiB }: FuzzRun): void {
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  const lines = sorted.map(([answer, count]) => `  ${count} ${answer}`);
  const sum = sorted.reduce((all, [, count]) => all + count, 0);
  process.stderr.write(`${name}: ${sum} inputs, seed ${SEED}\n${lines.join('\n')}\n`);
  process.stderr.write(`  memory after each round, MiB: ${rssMiB.join(' ')}\n`);
}

function requireFlat({ rssMiB }: FuzzRun): void {
  const [settled = 0, last = 0] = [rssMiB[Math.floor(ROUNDS / 2)], rssMiB.at(-1)];
  expect(last - settled).toBeLessThan(MAX_GROWTH_MIB);
}

test(
  'public routes',
  async () => {
    const run = await fuzzPublicRoutes({ inputs: INPUTS.public, rounds: ROUNDS, seed: SEED });
    say('public routes', run);
    requireFlat(run);
  },
  NIGHT_MS,
);

test(
  'inner routes',
  async () => {
    const run = await fuzzInnerRoutes({ inputs: INPUTS.inner, rounds: ROUNDS, seed: SEED });
    say('inner routes', run);
    requireFlat(run);
  },
  NIGHT_MS,
);

it.each(PARSERS.map((parser) => [parser.name, parser] as const))(
  'the parser of %s',
  (_, parser) => {
    fuzzParser(parser, INPUTS.ofEachParser, SEED);
  },
  NIGHT_MS,
);
