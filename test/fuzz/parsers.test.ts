import '../fixtures/same-runs';
import { fuzzParser, PARSERS } from './parsers';

it.each(PARSERS.map((parser) => [parser.name, parser] as const))(
  'the parser of %s reads or refuses what comes, and throws nothing else',
  (_, parser) => {
    fuzzParser(parser, 300, 7);
  },
);
