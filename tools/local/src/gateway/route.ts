import type { RouteModel } from '../model.js';

export interface RouteMatch {
  readonly route: RouteModel;
  /** As they stand in the URL: API Gateway does not decode them. */
  readonly pathParameters: Readonly<Record<string, string>> | null;
}

/** Chooses as API Gateway does. */
export type Router = (method: string, path: string) => RouteMatch | undefined;

interface Resource {
  readonly segments: readonly string[];
  readonly methods: ReadonlyMap<string, RouteModel>;
}

/**
 * The resource comes first, then its method: at every segment an exact name goes before `{name}`, and that before
 * `{name+}`. A resource that matches best but lacks the method ends the search.
 */
export function createRouter(routes: readonly RouteModel[]): Router {
  const resources = resourcesOf(routes);
  return (method, path) => {
    const segments = segmentsOf(path);
    const [resource] = resources
      .filter((candidate) => matches(candidate.segments, segments))
      .sort((a, b) => compare(a.segments, b.segments));
    const route = resource?.methods.get(method) ?? resource?.methods.get('ANY');
    if (resource === undefined || route === undefined) return undefined;
    return { route, pathParameters: parametersOf(resource.segments, segments) };
  };
}

function resourcesOf(routes: readonly RouteModel[]): readonly Resource[] {
  const byPath = new Map<string, Map<string, RouteModel>>();
  for (const route of routes) {
    const methods = byPath.get(route.resourcePath) ?? new Map<string, RouteModel>();
    byPath.set(route.resourcePath, methods.set(route.method.toUpperCase(), route));
  }
  return [...byPath].map(([path, methods]) => ({ segments: segmentsOf(path), methods }));
}

/** A slash at the end changes nothing. */
const segmentsOf = (path: string): readonly string[] =>
  path.split('/').filter((segment) => segment !== '');

const isGreedy = (segment: string) => segment.endsWith('+}');
const isParameter = (segment: string) => segment.startsWith('{');
const nameOf = (segment: string) => segment.slice(1, isGreedy(segment) ? -2 : -1);

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  const greedy = isGreedy(pattern.at(-1) ?? '');
  if (greedy ? segments.length < pattern.length : segments.length !== pattern.length) return false;
  return pattern.every((part, index) => isParameter(part) || part === segments[index]);
}

function compare(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = rank(a[index]) - rank(b[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rank(segment: string | undefined): number {
  if (segment === undefined) return 3;
  if (isGreedy(segment)) return 2;
  return isParameter(segment) ? 1 : 0;
}

function parametersOf(
  pattern: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | null {
  const found = pattern.flatMap((part, index) => {
    if (!isParameter(part)) return [];
    const value = isGreedy(part) ? segments.slice(index).join('/') : (segments[index] ?? '');
    return [[nameOf(part), value] as const];
  });
  return found.length === 0 ? null : Object.fromEntries(found);
}
