import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { withLines } from '../../compose/app/door';
import { ROOT } from '../../compose/native/folders';
import { fileOf, yamlOf } from './compose-file';

const CONFIG = fileOf('door', 'nginx.conf');
const MARKED = / # [a-z]+$/gm;

/** The configuration that the container of the door makes of nginx.conf. */
function configOfContainer(): string {
  const { services } = yamlOf('compose.yaml') as {
    services: { door: { entrypoint: string[]; environment: Record<string, string> } };
  };
  const { entrypoint, environment } = services.door;
  const script = entrypoint.at(-1)?.split(' > /tmp')[0]?.replaceAll('$$', '$') ?? '';
  const inPlace = script.replace('/etc/likestream', join(ROOT, 'compose', 'door'));
  const env = { PATH: process.env.PATH, ...environment };
  return execFileSync('sh', ['-c', inPlace], { encoding: 'utf8', env });
}

describe('compose/door/nginx.conf', () => {
  it('has marked lines, which the container replaces all', () => {
    expect(CONFIG.match(MARKED)?.length).toBeGreaterThan(8);
    const made = configOfContainer();
    expect(made.match(MARKED)).toBeNull();
    expect(made).toContain('listen 0.0.0.0:8080');
    expect(made).toContain('server frontend-2:8080 resolve');
    expect(made).not.toMatch(/^ *ssl_/m);
    const opened = made.replace(/^ *#.*$/gm, '').match(/[{}]/g) ?? [];
    expect(opened.filter((each) => each === '{')).toHaveLength(opened.length / 2);
  });

  it('is not filled in if a line is missing', () => {
    expect(withLines('a; # tls\nb;', { tls: '' })).toBe('\nb;');
    expect(() => withLines('a;', { tls: '' })).toThrow('no line with # tls');
  });
});
