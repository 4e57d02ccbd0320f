import { createHash, randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { UnavailableCodeError, type CopyStep } from './dockerfile.js';

/**
 * Lays a build context out as the image's task root would hold it, in a folder named after its content: the asset's
 * tag (a hash of the context) and the steps. A folder that is there is whole, for it is renamed into place.
 * @returns the folder
 * @throws UnavailableCodeError where a step names no file
 */
export function layOutImageRoot(
  contextDirectory: string,
  copies: readonly CopyStep[],
  tag: string,
  parent: string,
): string {
  const steps = createHash('sha256').update(JSON.stringify(copies)).digest('hex');
  const target = join(parent, `${tag.slice(0, 32)}-${steps.slice(0, 8)}`);
  if (existsSync(target)) return target;
  const building = `${target}.${randomUUID()}`;
  mkdirSync(building, { recursive: true });
  try {
    for (const copy of copies) runCopy(contextDirectory, building, copy);
    moveIntoPlace(building, target);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return target;
}

/** Another process may have laid out the same folder meanwhile; its content is the same. */
function moveIntoPlace(building: string, target: string): void {
  try {
    renameSync(building, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  }
}

/** As Docker copies: a folder gives its content, a file goes into a folder or takes the destination's name. */
function runCopy(context: string, root: string, { sources, destination, intoFolder }: CopyStep) {
  const matches = sources.flatMap((source) => findSources(context, source));
  const target = join(root, destination);
  const folder = intoFolder || matches.length > 1 || statOf(target)?.isDirectory() === true;
  for (const match of matches) {
    const isFolder = statSync(match).isDirectory();
    const place = isFolder || !folder ? target : join(target, basename(match));
    mkdirSync(isFolder ? place : dirname(place), { recursive: true });
    cpSync(match, place, { recursive: true, verbatimSymlinks: true });
  }
}

function findSources(context: string, source: string): readonly string[] {
  const segments = source.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) {
    throw new UnavailableCodeError(`COPY ${source} lies outside of the build context`);
  }
  const found = segments.reduce<readonly string[]>(
    (folders, segment) => folders.flatMap((folder) => matching(folder, segment)),
    [context],
  );
  if (found.length === 0) {
    throw new UnavailableCodeError(`COPY ${source}: the build context holds no such file`);
  }
  return found;
}

function matching(folder: string, segment: string): readonly string[] {
  if (!/[*?]/.test(segment)) {
    const path = folder + sep + segment;
    return existsSync(path) ? [path] : [];
  }
  const pattern = segment
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return statOf(folder)?.isDirectory() === true
    ? readdirSync(folder)
        .filter((name) => new RegExp(`^${pattern}$`).test(name))
        .sort()
        .map((name) => join(folder, name))
    : [];
}

const statOf = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });
