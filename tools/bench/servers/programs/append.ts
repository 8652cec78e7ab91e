import { randomUUID } from 'node:crypto';
import { openSync } from 'node:fs';
import { created, serveJson } from './answer';
import { GroupFile } from './group-file';

/** Appends the likes of each POST to one file, and answers once they are on the disk. */
const [, , port, path = ''] = process.argv;
const file = new GroupFile(openSync(path, 'a'));

serveJson(Number(port), (body, { url }, res) => {
  const { likes = [body] } = Object(body) as { readonly likes?: readonly unknown[] };
  const at = Date.now();
  const text = JSON.stringify(likes.map((like) => ({ id: randomUUID(), at, url, like })));
  file.append(`${text}\n`, () => created(res, text));
});
