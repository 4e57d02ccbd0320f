import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionModel } from '../model.js';
import { WORKSPACE } from './workspace.js';

export class UnknownProjectError extends Error {
  override readonly name = 'UnknownProjectError';
}

/** Endings of the file that a handler such as `index.handler` is in. */
const ENDINGS = ['mjs', 'js', 'cjs', 'py'];

/**
 * The function whose code is what the project built, whatever the template calls it; else the one with that very name.
 * @param appsDirectory holds a folder for each project, with its `dist`
 * @throws UnknownProjectError
 */
export function functionOfProject(
  functions: readonly FunctionModel[],
  project: string,
  appsDirectory: string = join(WORKSPACE, 'apps'),
): FunctionModel {
  const built = functions.filter((fn) => isBuiltBy(fn, join(appsDirectory, project, 'dist')));
  if (built.length > 1) {
    const names = built.map(({ name }) => name).join(', ');
    throw new UnknownProjectError(`${project} is the code of ${names}: name one of these`);
  }
  const found =
    built[0] ?? functions.find(({ name, logicalId }) => [name, logicalId].includes(project));
  if (found !== undefined) return found;
  throw new UnknownProjectError(
    `no function of the stacks runs the code of ${project}: build and synthesise it (npx nx run infra:synth), or name one of ${functions.map(({ name }) => name).join(', ')}`,
  );
}

/** The file with the handler is the same, byte for byte; what else is deployed may be less than what was built. */
function isBuiltBy({ handler, codeDirectory }: FunctionModel, dist: string): boolean {
  const module = handler.slice(0, handler.lastIndexOf('.'));
  return ENDINGS.map((ending) => `${module}.${ending}`).some((file) => {
    const [deployed, own] = [join(codeDirectory, file), join(dist, file)];
    return (
      existsSync(deployed) && existsSync(own) && readFileSync(deployed).equals(readFileSync(own))
    );
  });
}
