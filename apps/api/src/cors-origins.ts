/** Which web origins may read the API: a list of origins, where a port may be `*`, or `*` alone for any origin. */
import * as z from 'zod';

const ORIGIN = /^(https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:]+\]))(?::(\d{1,5}|\*))?$/i;

interface OriginPattern {
  readonly host: string;
  /** Absent: the scheme's own port; `*`: any, the scheme's own too. */
  readonly port: string | undefined;
}

/** Answers the value of `Access-Control-Allow-Origin` for a request's origin; undefined gives none. */
export type AllowOrigin = (origin: string) => string | undefined;

/** A comma list such as `https://orchestra.example,http://localhost:*`. */
export const corsOriginsSchema = z.string().transform((list, context): AllowOrigin => {
  const entries = list.split(',').map((entry) => entry.trim());
  if (entries.includes('*')) return () => '*';
  const patterns = entries.flatMap((entry) => {
    const pattern = parseOrigin(entry);
    if (!pattern) context.addIssue({ code: 'custom', message: `"${entry}" is not an origin` });
    return pattern ?? [];
  });
  return (origin) => (patterns.some((pattern) => matches(pattern, origin)) ? origin : undefined);
});

function parseOrigin(text: string): OriginPattern | undefined {
  const [, host, port] = ORIGIN.exec(text) ?? [];
  return host === undefined ? undefined : { host: host.toLowerCase(), port };
}

function matches(pattern: OriginPattern, origin: string): boolean {
  const asked = parseOrigin(origin);
  if (asked?.host !== pattern.host || asked.port === '*') return false;
  return pattern.port === '*' || pattern.port === asked.port;
}
