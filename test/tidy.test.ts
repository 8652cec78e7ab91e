import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GAUGES } from '../runtime/metrics';
import { ERRORS } from '../schemas/errors';
import { importCircles, importsOf } from './tidy/imports';

const ROOT = join(__dirname, '..');
const MAX_FILE_LINES = 250;
const MAX_LINE_COLUMNS = 100;
const ROLES = ['producers', 'dispatchers', 'frontends'];

/** Folders in which time and randomness are passed in. */
const TIMELESS = ['schemas', 'adapters', ...ROLES, 'app'];

/** A name of a built-in event type, its body or its id, in code or in a comment. */
const BUILT_IN_TYPE = /\blikes?\b|reaction|likeId/i;

/** A name or an id of another built-in event type in the code of roles and adapters. */
const OTHER_TYPE =
  /['"](?:comments|viewers|visitors|presence|typing|receipts|attributes)['"]|\bcommentId\b/;

/** The product files that may name a built-in event type, and why. */
const NAMES_A_TYPE: ReadonlyMap<string, string> = new Map([
  ['schemas/likes.ts', 'defines the type'],
  ['app/event-types.ts', 'registers the type'],
  ['runtime/settings/event-types.ts', 'has the setting REACTIONS'],
  ['runtime/limits/catalogue.ts', 'describes what each limit counts'],
  ['schemas/errors.ts', 'has the code unknown_reaction, which clients know'],
  ['schemas/event-type.ts', 'an example in a comment'],
  ['schemas/names.ts', 'an example in a comment'],
  ['schemas/place.ts', 'an example in a comment'],
]);

/** Tests of several sources together; the path of any other test is that of its source. */
const TESTS_OF_MANY = [
  'browser',
  'compose',
  'contract',
  'docs',
  'end-to-end',
  'fixtures',
  'fuzz',
  'simulation',
  'stack',
  'tidy',
];

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((file) => existsSync(join(ROOT, file)));
const sources = tracked.filter((file) => file.endsWith('.ts'));
const handwritten = tracked.filter((file) => /\.(css|js|ts)$/.test(file));
const product = sources.filter((file) => !/^(test|tools|compose|docs|client)\//.test(file));
const imports = importsOf(ROOT, sources);

function text(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function folder(file: string): string {
  return file.slice(0, Math.max(0, file.indexOf('/')));
}

/** The technology to which an adapter belongs; undefined for interfaces and other files. */
function technologyOf(file: string): string | undefined {
  return /^adapters\/([^/]+)\//.exec(file)?.[1];
}

/** A method of an interface, or a property that holds a function. */
const METHOD = /^ {2}(readonly )?\w+(\(|: \()/gm;

/** Each import of a file that `isForbidden` accepts, as `from -> to`. */
function importsWhere(isForbidden: (from: string, to: string) => boolean): string[] {
  return [...imports].flatMap(([from, targets]) =>
    targets.filter((to) => isForbidden(from, to)).map((to) => `${from} -> ${to}`),
  );
}

test('no file has more than 250 lines', () => {
  const linesOf = (file: string) => text(file).trimEnd().split('\n').length;
  const long = handwritten.filter((file) => linesOf(file) > MAX_FILE_LINES);
  expect(long).toEqual([]);
});

test('no line has more than 100 columns, comments included', () => {
  // The formatter does not break an import of one name.
  const isTooLong = (line: string) =>
    line.length > MAX_LINE_COLUMNS && !/^import .* from '.*';$/.test(line);
  const long = sources.flatMap((file) =>
    text(file)
      .split('\n')
      .flatMap((line, at) => (isTooLong(line) ? [`${file}:${at + 1}`] : [])),
  );
  expect(long).toEqual([]);
});

test('no files import each other in a circle', () => {
  expect(importCircles(imports)).toEqual([]);
});

test('roles import the interfaces of adapters, and never a technology', () => {
  const found = importsWhere((from, to) => {
    return ROLES.includes(folder(from)) && /^adapters\/[^/]+\//.test(to);
  });
  expect(found).toEqual([]);
});

test('producers, dispatchers and frontends never import each other', () => {
  const found = importsWhere((from, to) => {
    return (
      ROLES.includes(folder(from)) && ROLES.includes(folder(to)) && folder(from) !== folder(to)
    );
  });
  expect(found).toEqual([]);
});

test('schemas import only schemas, and adapters no role', () => {
  const found = importsWhere((from, to) => {
    if (folder(from) === 'schemas') return folder(to) !== 'schemas';
    return folder(from) === 'adapters' && [...ROLES, 'app'].includes(folder(to));
  });
  expect(found).toEqual([]);
});

test('runtime imports only itself and schemas', () => {
  const found = importsWhere((from, to) => {
    return folder(from) === 'runtime' && !['runtime', 'schemas'].includes(folder(to));
  });
  expect(found).toEqual([]);
});

test('technologies of adapters share only interfaces and adapters/shared', () => {
  const found = importsWhere((from, to) => {
    const [one, other] = [technologyOf(from), technologyOf(to)];
    return one !== undefined && other !== undefined && one !== other && other !== 'shared';
  });
  expect(found).toEqual([]);
});

test('the root of adapters has only interfaces and types, of at most four methods', () => {
  const wrong = product
    .filter((file) => /^adapters\/[^/]+$/.test(file))
    .filter((file) => {
      const source = text(file);
      const bodies = [...source.matchAll(/^export interface [^{]*\{([\s\S]*?)^\}/gm)];
      const methods = bodies.map(([, body = '']) => [...body.matchAll(METHOD)].length);
      return /^export (function|class|const|let|async)\b/m.test(source) || Math.max(...methods) > 4;
    });
  expect(wrong).toEqual([]);
});

test('the product imports neither tests nor tools', () => {
  const found = importsWhere((from, to) => {
    return product.includes(from) && /^(test|tools|compose)\//.test(to);
  });
  expect(found).toEqual([]);
});

test('only the listed files of the product name a built-in event type', () => {
  const naming = product.filter((file) => BUILT_IN_TYPE.test(text(file)));
  expect(naming.filter((file) => !NAMES_A_TYPE.has(file))).toEqual([]);
  expect([...NAMES_A_TYPE.keys()].filter((file) => !naming.includes(file))).toEqual([]);
});

test('no role or adapter names another built-in event type', () => {
  const outside = product.filter((file) => [...ROLES, 'adapters'].includes(folder(file)));
  expect(outside.filter((file) => OTHER_TYPE.test(text(file)))).toEqual([]);
});

test('each error code is used outside the table of errors', () => {
  const all = product.filter((file) => file !== 'schemas/errors.ts').map(text);
  const unused = Object.keys(ERRORS).filter((code) => {
    return !all.some((source) => source.includes(`'${code}'`));
  });
  expect(unused).toEqual([]);
});

test('each metric is used', () => {
  const metrics = text('runtime/metrics.ts');
  const outside = product.filter((file) => file !== 'runtime/metrics.ts').map(text);
  const fields = [...metrics.matchAll(/readonly (\w+) = new (?:Counter|Gauge|Histogram)\(/g)];
  const isCounted = (field: string): boolean => {
    const use = new RegExp(`\\.${field}\\b`);
    return [metrics, ...outside].some((source) => use.test(source));
  };
  expect(fields.length).toBeGreaterThan(3);
  expect(fields.map(([, field = '']) => field).filter((field) => !isCounted(field))).toEqual([]);
  const isRead = (gauge: string): boolean =>
    outside.some((source) => source.includes(`.observe('${gauge}'`));
  expect(Object.keys(GAUGES).filter((gauge) => !isRead(gauge))).toEqual([]);
});

test('time and randomness are passed in', () => {
  const direct = /\b(Date\.now|Math\.random|performance\.now|set(Timeout|Interval|Immediate))\b/;
  const found = product.filter((file) => {
    const source = text(file);
    return TIMELESS.includes(folder(file)) && (direct.test(source) || /timers\//.test(source));
  });
  expect(found).toEqual([]);
});

test('the path of a test is that of its source, with `-behaviour` where there are several', () => {
  const lost = sources.filter((file) => {
    const [first = '', second = ''] = file.split('/');
    if (first !== 'test' || !file.endsWith('.test.ts') || file === 'test/tidy.test.ts')
      return false;
    if (TESTS_OF_MANY.includes(second)) return false;
    const path = dirname(file.slice('test/'.length));
    const name = basename(file, '.test.ts');
    const isSource = (source: string): boolean => {
      const start = basename(source).replace(/\.[jt]s$/, '');
      return (
        dirname(source) === path && name.startsWith(start) && !/^\w/.test(name.slice(start.length))
      );
    };
    return !tracked.filter((source) => /\.[jt]s$/.test(source)).some(isSource);
  });
  expect(lost).toEqual([]);
});

test('each compiled program that another one starts has a source', () => {
  const started = sources.flatMap((file) =>
    [...text(file).matchAll(/'dist'((?:, '[\w.-]+')+)\)/g)].map(([, path = '']) =>
      [...path.matchAll(/'([\w.-]+)'/g)].map(([, part]) => part).join('/'),
    ),
  );
  const { scripts } = JSON.parse(text('package.json'));
  const ran = [...JSON.stringify(scripts).matchAll(/node dist\/([\w./-]+)/g)].map(
    ([, path = '']) => path,
  );
  const programs = [...started, ...ran].filter((path) => path.endsWith('.js'));
  expect(programs).toContain('tools/chaos/redirect-port.js');
  const hasSource = (path: string) =>
    // A module of the browser client is a folder.
    [path.replace(/js$/, 'ts'), path.replace(/\.js$/, '/index.ts')].some((of) =>
      sources.includes(of),
    );
  expect(programs.filter((path) => !hasSource(path))).toEqual([]);
});
