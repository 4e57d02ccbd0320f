/**
 * The folder a stack keeps its data in. Owns the lock that gives it to one stack at a time; a lock whose process has
 * ended is taken over.
 */
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { identityOf, isRunning, processIdentitySchema } from './process-identity.js';

export type DataPlace =
  | { readonly dataDirectory: string }
  /** Removed at the end; in memory where the system has a place for that. */
  | {
      readonly ephemeral: true;
      /** A folder that stays, locked like any data directory, where scripts find `local.json`. */
      readonly announceIn?: string;
    };

export interface DataDirectory {
  readonly path: string;
  readonly ephemeral: boolean;
  /** Where scripts look for the stack. */
  readonly announceIn: string;
  /** Gives up the lock; an ephemeral folder is removed. Twice is harmless. */
  release(): void;
}

export class DataDirectoryInUseError extends Error {
  override readonly name = 'DataDirectoryInUseError';
  constructor(
    readonly path: string,
    readonly pid: number,
  ) {
    super(
      `${path} is in use by another local stack (process ${pid}): stop that one, or choose another folder with --data-dir`,
    );
  }
}

const LOCK_FILE = 'stack.lock';
const MEMORY_FOLDER = '/dev/shm';
/** Containers often give a memory folder of 64 MB, which a long run would fill. */
const MEMORY_FOLDER_FREE_BYTES = 256 * 1024 * 1024;

/** @throws DataDirectoryInUseError */
export function openDataDirectory(place: DataPlace): DataDirectory {
  if ('ephemeral' in place) {
    const unlock = place.announceIn === undefined ? () => {} : lockFolder(place.announceIn);
    const path = mkdtempSync(join(ephemeralParent(), 'orchestra-'));
    const release = () => {
      rmSync(path, { recursive: true, force: true });
      unlock();
    };
    return { path, ephemeral: true, announceIn: place.announceIn ?? path, release };
  }
  const path = resolve(place.dataDirectory);
  return { path, ephemeral: false, announceIn: path, release: lockFolder(path) };
}

/** Makes the folder if need be. @returns what gives it up @throws DataDirectoryInUseError */
function lockFolder(path: string): () => void {
  mkdirSync(path, { recursive: true });
  const lock = join(path, LOCK_FILE);
  takeLock(path, lock);
  let held = true;
  return () => {
    if (held) rmSync(lock, { force: true });
    held = false;
  };
}

function ephemeralParent(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_FOLDER);
    if (bavail * bsize < MEMORY_FOLDER_FREE_BYTES) return tmpdir();
    rmSync(mkdtempSync(join(MEMORY_FOLDER, 'orchestra-')), { recursive: true });
    return MEMORY_FOLDER;
  } catch {
    return tmpdir();
  }
}

/** A link either appears with its whole content or fails, so nobody ever reads half a lock. */
function takeLock(directory: string, lock: string): void {
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(identityOf(process.pid)));
  try {
    while (!linked(mine, lock)) {
      const holder = readLock(lock);
      if (holder === undefined) continue;
      const parsed = processIdentitySchema.safeParse(holder.content);
      if (parsed.success && isRunning(parsed.data)) {
        throw new DataDirectoryInUseError(directory, parsed.data.pid);
      }
      removeStale(lock, holder.text);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readLock(lock: string): { readonly text: string; readonly content: unknown } | undefined {
  let text: string;
  try {
    text = readFileSync(lock, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return { text, content: JSON.parse(text) as unknown };
  } catch {
    return { text, content: undefined };
  }
}

/** Moves the stale lock aside; when somebody renewed it in between, theirs is put back. */
function removeStale(lock: string, staleText: string): void {
  const aside = `${lock}.stale.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readFileSync(aside, 'utf8') !== staleText) linked(aside, lock);
  rmSync(aside, { force: true });
}
