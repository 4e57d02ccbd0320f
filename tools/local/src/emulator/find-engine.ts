import { accessSync, chmodSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

export type Engine =
  | { readonly kind: 'program'; readonly path: string }
  /** A DynamoDB somebody else runs; its tables live there, not in the data directory. */
  | { readonly kind: 'endpoint'; readonly url: string };

export class NoEngineError extends Error {
  override readonly name = 'NoEngineError';
}

export interface EngineSearch {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `linux-x64` and so on: the ending of the engine package's name. */
  readonly platform?: string;
}

/**
 * `DYNAMODB_ENDPOINT` first, since who sets it means it; then the package for this platform, then `dynoxide` on the PATH.
 * @throws NoEngineError naming these ways
 */
export function findEngine({
  environment,
  platform = `${process.platform}-${process.arch}`,
}: EngineSearch): Engine {
  const url = environment['DYNAMODB_ENDPOINT'];
  if (url) return { kind: 'endpoint', url: checkedUrl(url) };
  const path = packagedProgram(platform) ?? programOnPath(environment['PATH'] ?? '');
  if (path !== undefined) return { kind: 'program', path };
  throw new NoEngineError(
    `no DynamoDB engine for ${platform}: install @dynoxide/${platform} or put dynoxide on the PATH, ` +
      `or set DYNAMODB_ENDPOINT to a running one such as DynamoDB Local`,
  );
}

function checkedUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    throw new NoEngineError(
      `DYNAMODB_ENDPOINT is not an http address: ${text} (for example http://127.0.0.1:8000)`,
    );
  }
  return text.replace(/\/$/, '');
}

function packagedProgram(platform: string): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve(`@dynoxide/${platform}/package.json`);
    const path = join(dirname(manifest), 'dynoxide');
    if (!isExecutable(path)) chmodSync(path, 0o755);
    return path;
  } catch {
    return undefined;
  }
}

function programOnPath(path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'dynoxide'))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
