import type { Post } from '../target';

/**
 * The same post as of a browser that has been here before: with the cookie that the server's first
 * answer set. A server that sets none gets the post as it is.
 */
export async function withCookie(post: Post): Promise<Post> {
  const { body, headers = [], path, port } = post;
  const first = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body });
  await first.arrayBuffer();
  const cookies = first.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
  if (cookies.length === 0) return post;
  return { ...post, headers: [...headers, `Cookie: ${cookies.join('; ')}`] };
}
