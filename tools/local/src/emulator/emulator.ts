/**
 * DynamoDB on this machine: an engine program on a database file in the data directory, or whatever DYNAMODB_ENDPOINT names.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { TableModel } from '../model.js';
import type { Stoppable } from '../runtime.js';
import { openDataDirectory, type DataDirectory, type DataPlace } from './data-directory.js';
import { engineClient } from './engine-client.js';
import {
  startEngineProcess,
  type EngineError,
  type EngineOptions,
  type EngineRestarts,
} from './engine-process.js';
import { findEngine } from './find-engine.js';
import { isRunning, processIdentitySchema } from './process-identity.js';
import { mendStreamHistory } from './stream-history.js';
import { ensureTables } from './tables.js';
import { waitUntil } from './wait-until.js';

export type EmulatorOptions = DataPlace & {
  /** Told what a person should know, one line each. Default: standard error. */
  readonly onNotice?: (line: string) => void;
  /** The engine is gone and could not be brought back. Default: a notice. */
  readonly onFailure?: (error: EngineError) => void;
  /** Where DYNAMODB_ENDPOINT and PATH are looked up. Default: this process's environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly engineRestarts?: EngineRestarts;
};

export interface Emulator extends Stoppable {
  /** Speaks DynamoDB and DynamoDB Streams. */
  readonly url: string;
  /** What serves, in words: the program's name or the endpoint. */
  readonly engine: string;
  readonly directory: DataDirectory;
  /** Of the engine running now; undefined where the engine is an endpoint. */
  pid(): number | undefined;
  /** @throws IncompatibleTableError */
  ensureTables(tables: readonly TableModel[]): Promise<void>;
}

const DATABASE_FILE = 'dynamodb.db';
const IDENTITY_FILE = 'engine.json';
const LEFTOVER_WITHIN_MS = 5_000;

/**
 * @throws NoEngineError where nothing serves
 * @throws DataDirectoryInUseError
 * @throws EngineError when the engine does not come up
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { onNotice = printNotice, environment = process.env } = options;
  const engine = findEngine({ environment });
  const directory = openDataDirectory(options);
  if (engine.kind === 'endpoint') return onEndpoint(engine.url, directory);
  try {
    return await onProgram(directory, {
      program: engine.path,
      file: join(directory.path, DATABASE_FILE),
      identityFile: join(directory.path, IDENTITY_FILE),
      ...(directory.ephemeral ? { ephemeralFolder: directory.path } : {}),
      onNotice,
      ...(options.engineRestarts === undefined ? {} : { restarts: options.engineRestarts }),
      onFailure: options.onFailure ?? ((error) => onNotice(error.message)),
    });
  } catch (error) {
    directory.release();
    throw error;
  }
}

async function onProgram(directory: DataDirectory, options: EngineOptions): Promise<Emulator> {
  await endLeftOver(options.identityFile);
  if (!existsSync(options.file)) await layTables(options);
  const mending = mendStreamHistory(options.file);
  if (mending.kind === 'unmended') {
    options.onNotice(
      `the DynamoDB engine's stream history could not be mended (${mending.reason}): writes slow down as it grows`,
    );
  }
  const engine = await startEngineProcess(options);
  return emulator({
    url: engine.url,
    engine: basename(options.program),
    directory,
    startFresh: `start fresh with "rm -r ${directory.path}", or choose another folder with --data-dir`,
    pid: () => engine.pid(),
    stopEngine: () => engine.stop(),
  });
}

function onEndpoint(url: string, directory: DataDirectory): Emulator {
  return emulator({
    url,
    engine: url,
    directory,
    startFresh: `delete that table at ${url}`,
    pid: () => undefined,
    stopEngine: async () => undefined,
  });
}

interface EmulatorParts extends Pick<Emulator, 'url' | 'engine' | 'directory' | 'pid'> {
  readonly startFresh: string;
  stopEngine(): Promise<void>;
}

function emulator({ startFresh, stopEngine, ...parts }: EmulatorParts): Emulator {
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    await stopEngine();
    parts.directory.release();
  };
  return {
    ...parts,
    ensureTables: (tables) =>
      withClient(parts.url, (client) =>
        ensureTables(client, tables, { name: parts.directory.path, startFresh }),
      ),
    stop: () => (stopped ??= stop()),
  };
}

async function withClient(
  url: string,
  use: (client: DynamoDBClient) => Promise<void>,
): Promise<void> {
  const client = engineClient(url);
  try {
    await use(client);
  } finally {
    client.destroy();
  }
}

/** The engine makes its own tables the first time it starts; only then is there something to mend. */
async function layTables(options: EngineOptions): Promise<void> {
  const engine = await startEngineProcess({ ...options, onNotice: () => undefined });
  await engine.stop();
}

/** A stack that was killed hard leaves an engine that is about to end; two on one file would spoil it. */
async function endLeftOver(identityFile: string): Promise<void> {
  const leftOver = readIdentity(identityFile);
  if (leftOver === undefined) return;
  const isGone = await waitUntil(() => !isRunning(leftOver), {
    withinMs: LEFTOVER_WITHIN_MS,
    everyMs: 20,
  });
  if (!isGone) process.kill(leftOver.pid, 'SIGKILL');
  await waitUntil(() => !isRunning(leftOver), { withinMs: LEFTOVER_WITHIN_MS, everyMs: 20 });
  rmSync(identityFile, { force: true });
}

function readIdentity(identityFile: string) {
  try {
    const parsed = processIdentitySchema.safeParse(JSON.parse(readFileSync(identityFile, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function printNotice(line: string): void {
  process.stderr.write(`${line}\n`);
}
