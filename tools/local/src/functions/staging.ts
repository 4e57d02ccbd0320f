import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Copies of the functions' code, outside any repository. */
export interface Staging {
  readonly root: string;
  /** The copy of an assembly's folder; the same folder is copied once. @throws when it was not staged */
  directoryOf(codeDirectory: string): string;
  remove(): Promise<void>;
}

/**
 * Code is run from a copy because where it lies in the assembly the repository leaks into it: a `package.json` above
 * decides what its `.js` files are, and `node_modules` above hide that a dependency was not bundled.
 */
export async function stageCode(codeDirectories: readonly string[]): Promise<Staging> {
  const root = await mkdtemp(join(tmpdir(), 'orchestra-functions-'));
  const copies = new Map<string, string>();
  for (const directory of new Set(codeDirectories)) {
    const copy = join(root, String(copies.size), 'task');
    await cp(directory, copy, { recursive: true, dereference: true });
    copies.set(directory, copy);
  }
  return {
    root,
    directoryOf(codeDirectory) {
      const copy = copies.get(codeDirectory);
      if (!copy) throw new Error(`Not staged: ${codeDirectory}`);
      return copy;
    },
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  };
}
