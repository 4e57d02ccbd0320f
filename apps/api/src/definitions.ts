/** Storing, validating, listing and showing definitions. */
import {
  PATH_PARAMETERS,
  listDefinitionsQuerySchema,
  type DefinitionDetail,
  type ListDefinitionsResponse,
  type ListRevisionsResponse,
  type PutDefinitionResponse,
  type ValidateDefinitionResponse,
} from '@orchestra/api-contract';
import {
  LIMITS,
  childIssues,
  issuesOf,
  type Definition,
  type DefinitionLookup,
  type Issue,
  type RevisionSummary,
} from '@orchestra/workflow-core';
import { validateDefinition } from '@orchestra/workflow-core/data';
import { travelBytes } from './answer-size.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { ProblemError, invalidRequest, shownIssues } from './problems.js';
import { readDocument, wrongFields } from './request-body.js';
import {
  idFrom,
  publicPath,
  queryOf,
  type Request,
  type Route,
  type RouteDependencies,
} from './route.js';

export const put =
  (on: RouteDependencies): Route =>
  async (request) => {
    const { repository, now } = on;
    const name = idFrom(request, 'name');
    const { document, issues } = await readDocument(request.req.raw, LIMITS.definitionBytes);
    const checked = await check(on, named(document, name), [
      ...issues,
      ...nameIssues(document, name),
    ]);
    if ('issues' in checked) throw wrongFields(checked.issues);
    const definition = requireReadable(checked.definition);
    const { revision, created } = await repository.putDefinition(
      definition,
      new Date(now()).toISOString(),
    );
    const body = { name, revision, created };
    return request.json(body satisfies PutDefinitionResponse, created ? 201 : 200, {
      Location: `${publicPath(request)}/revisions/${revision}`,
    });
  };

export const validate =
  (on: RouteDependencies): Route =>
  async (request) => {
    const { document, issues } = await readDocument(request.req.raw, LIMITS.definitionBytes);
    const checked = await check(on, document, issues);
    const wrong = 'issues' in checked ? shownIssues(checked.issues) : [];
    return request.json({
      valid: wrong.length === 0,
      issues: wrong,
    } satisfies ValidateDefinitionResponse);
  };

type Checked = { readonly definition: Definition } | { readonly issues: readonly Issue[] };

/** @param issues found before; what is nested too deep is looked at no further */
async function check(
  on: RouteDependencies,
  document: unknown,
  issues: readonly Issue[],
): Promise<Checked> {
  if (issues.length > 0) return { issues };
  const checked = validateDefinition(document, { functions: on.functions });
  if ('issues' in checked) return checked;
  const wrong = await childIssues(checked.definition, lookup(on));
  return wrong.length > 0 ? { issues: wrong } : checked;
}

const lookup =
  ({ repository, sample }: RouteDependencies): DefinitionLookup =>
  async ({ name, revision }) => {
    await sample();
    const found = revision === undefined ? await repository.latestRevision(name) : { revision };
    const definition = found && (await repository.getDefinition({ name, ...found }));
    return definition && { revision: found.revision, definition };
  };

/** The address names the definition; the body need not. */
function named(document: unknown, name: string): unknown {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return document;
  return { name, ...document };
}

function nameIssues(document: unknown, name: string): Issue[] {
  if (typeof document !== 'object' || document === null || !('name' in document)) return [];
  if (typeof document.name !== 'string' || document.name === name) return [];
  return [{ path: 'name', message: `must be "${name}", as in the address, or be left out` }];
}

/** Bytes of a definition as it travels back, with all its defaults: Lambda lets out 6 MB. */
const READABLE_BYTES = 5.5 * 1024 * 1024;

/** @throws ProblemError for what nobody could read again */
function requireReadable(definition: Definition): Definition {
  const bytes = travelBytes(definition);
  if (bytes <= READABLE_BYTES) return definition;
  throw new ProblemError(
    'BODY_TOO_LARGE',
    `with its defaults and escaped it has ${bytes} bytes, above the limit of ${READABLE_BYTES}`,
  );
}

export const list =
  ({ repository, sample }: RouteDependencies): Route =>
  async (request) => {
    const { limit, cursor } = queryOf(request, listDefinitionsQuerySchema);
    await sample();
    const page = await repository.listDefinitions({ limit, ...positionIn('definitions', cursor) });
    return request.json({
      definitions: [...page.items],
      ...nextCursor('definitions', page.cursor),
    } satisfies ListDefinitionsResponse);
  };

export const listRevisions =
  ({ repository, sample }: RouteDependencies): Route =>
  async (request) => {
    const name = idFrom(request, 'name');
    const { limit, cursor } = queryOf(request, listDefinitionsQuerySchema);
    const revisions = `revisions of ${name}`;
    const position = positionIn(revisions, cursor);
    await sample();
    const page = await repository.listRevisions({ name, limit, ...position });
    if (page.items.length === 0 && cursor === undefined) throw noDefinition(name);
    return request.json({
      revisions: [...page.items],
      ...nextCursor(revisions, page.cursor),
    } satisfies ListRevisionsResponse);
  };

export const show =
  (dependencies: RouteDependencies): Route =>
  async (request) => {
    const name = idFrom(request, 'name');
    await dependencies.sample();
    const summary = await dependencies.repository.latestRevision(name);
    if (!summary) throw noDefinition(name);
    return detail(dependencies, request, summary);
  };

export const showRevision =
  (dependencies: RouteDependencies): Route =>
  async (request) => {
    const name = idFrom(request, 'name');
    const revision = revisionFrom(request);
    await dependencies.sample();
    const summary = await dependencies.repository.getRevision({ name, revision });
    if (!summary) throw new ProblemError('NOT_FOUND', `"${name}" has no revision ${revision}`);
    return detail(dependencies, request, summary);
  };

async function detail(
  { repository }: RouteDependencies,
  request: Request,
  { name, revision, createdAt }: RevisionSummary,
): Promise<Response> {
  const definition = await repository.getDefinition({ name, revision });
  if (!definition) throw noDefinition(name);
  return request.json({ name, revision, createdAt, definition } satisfies DefinitionDetail);
}

function revisionFrom(request: Request): number {
  const revision = PATH_PARAMETERS.revision.safeParse(request.req.param('revision'));
  if (revision.success) return revision.data;
  throw invalidRequest(
    'the address is not valid',
    issuesOf(revision.error).map(({ message }) => ({ path: 'revision', message })),
  );
}

const positionIn = (list: string, cursor: string | undefined) =>
  cursor === undefined ? {} : { cursor: decodeCursor(cursor, list) };

const nextCursor = (list: string, position: string | undefined) =>
  position === undefined ? {} : { nextCursor: encodeCursor(position, list) };

const noDefinition = (name: string) =>
  new ProblemError('NOT_FOUND', `there is no definition "${name}"`);
