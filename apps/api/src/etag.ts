/** Conditional reads: an answer that its asker has already travels as 304, without a body. It was read all the same. */
import { createHash } from 'node:crypto';
import type { Route } from './route.js';

/** A GET whose 200 has an ETag: the hash of what it says. */
export const conditional =
  (route: Route): Route =>
  async (request) => {
    const response = await route(request);
    if (response.status !== 200) return response;
    const text = await response.text();
    const tag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
    const headers = new Headers(response.headers);
    headers.set('ETag', tag);
    // Kept, but never shown without asking: a workflow may change at any moment.
    headers.set('Cache-Control', 'no-cache');
    if (!names(request.req.header('if-none-match'), tag)) return new Response(text, { headers });
    headers.delete('Content-Type');
    return new Response(null, { status: 304, headers });
  };

/** RFC 9110: a list of tags, compared weakly, or `*`. */
function names(condition: string | undefined, tag: string): boolean {
  if (condition === undefined) return false;
  const tags = condition.split(',').map((each) => each.trim().replace(/^W\//, ''));
  return tags.includes(tag) || tags.includes('*');
}
