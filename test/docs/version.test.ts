import { fileText } from './page';

const { version } = JSON.parse(fileText('package.json'));

test('the lock file has the version of package.json', () => {
  const lock = JSON.parse(fileText('package-lock.json'));
  expect([lock.version, lock.packages[''].version]).toEqual([version, version]);
});

test('the newest dated part of the changelog is of that version', () => {
  const [, newest] =
    /^## (\d+\.\d+\.\d+) – \d{4}-\d{2}-\d{2}$/m.exec(fileText('CHANGELOG.md')) ?? [];
  expect(newest).toBe(version);
});

test('the images of compose.yaml and of its check are of that version', () => {
  const files = ['compose/compose.yaml', 'test/compose/stand-ins/check.sh'];
  const tags = files.flatMap((file) => [...fileText(file).matchAll(/likestream:(\d[\w.]*)/g)]);
  expect(new Set(tags.map(([, tag]) => tag))).toEqual(new Set([version]));
});
