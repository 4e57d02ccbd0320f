/**
 * Mends the engine's one flaw. Each write on a table with a stream looks for the highest sequence number in the stream's
 * history, which has no index and is never trimmed, so writes slow down as the history grows. An index makes them flat and
 * a trigger keeps the history bounded. The schema is the engine's own: it is checked before anything is touched.
 */
import { existsSync, rmSync } from 'node:fs';
import sqlite, { type Database } from 'node-sqlite3-wasm';

export type Mending =
  { readonly kind: 'mended' } | { readonly kind: 'unmended'; readonly reason: string };

/** Stream records kept; the oldest beyond it are dropped, a thousand at a time. */
export const KEPT_STREAM_RECORDS = 100_000;

const TABLE = '_stream_records';
const EXPECTED_COLUMNS = ['id', 'table_name', 'shard_id', 'sequence_number'];
const PARTS: Readonly<Record<string, string>> = {
  orchestra_stream_order: `CREATE INDEX IF NOT EXISTS orchestra_stream_order
    ON ${TABLE}(table_name, CAST(sequence_number AS INTEGER))`,
  orchestra_stream_shard: `CREATE INDEX IF NOT EXISTS orchestra_stream_shard
    ON ${TABLE}(table_name, shard_id, sequence_number)`,
  orchestra_stream_trim: `CREATE TRIGGER IF NOT EXISTS orchestra_stream_trim
    AFTER INSERT ON ${TABLE} WHEN NEW.id % 1000 = 0
    BEGIN DELETE FROM ${TABLE} WHERE id < NEW.id - ${KEPT_STREAM_RECORDS}; END`,
};

/** No engine may have `file` open. Mending what is mended changes nothing. */
export function mendStreamHistory(file: string): Mending {
  if (!existsSync(file)) return unmended('the engine has not laid its tables');
  // The library locks by a folder of its own, which a run that was killed leaves behind; the data directory's lock is ours.
  rmSync(`${file}.lock`, { recursive: true, force: true });
  try {
    const database = new sqlite.Database(file, { fileMustExist: true });
    try {
      // The write-ahead log can be opened without shared memory only so.
      database.exec('PRAGMA locking_mode=EXCLUSIVE');
      return mend(database);
    } finally {
      database.close();
    }
  } catch (error) {
    return unmended(error instanceof Error ? error.message : String(error));
  }
}

function mend(database: Database): Mending {
  const columns = namesIn(database, `SELECT name FROM pragma_table_info('${TABLE}')`);
  const missing = EXPECTED_COLUMNS.filter((column) => !columns.has(column));
  if (missing.length > 0) return unmended(`${TABLE} has no ${missing.join(', ')}`);
  for (const statement of Object.values(PARTS)) database.exec(statement);
  const present = namesIn(database, `SELECT name FROM sqlite_master WHERE tbl_name = '${TABLE}'`);
  const absent = Object.keys(PARTS).filter((part) => !present.has(part));
  return absent.length > 0 ? unmended(`${absent.join(', ')} did not take`) : { kind: 'mended' };
}

function namesIn(database: Database, query: string): ReadonlySet<unknown> {
  return new Set(database.all(query).map((row) => row['name']));
}

function unmended(reason: string): Mending {
  return { kind: 'unmended', reason };
}
