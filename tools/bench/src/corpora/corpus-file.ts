/** Graphs that others made, as files of one shape. They are data to run, and no part of this repository. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod';

const corpusSchema = z.object({
  name: z.string(),
  tasks: z.array(
    z.object({
      id: z.string(),
      dependsOn: z.array(z.string()).default([]),
      /** Where the source had one. */
      durationMs: z.number().min(0).optional(),
    }),
  ),
});
export type Corpus = z.infer<typeof corpusSchema>;

/** Names of the files in `directory`, in order. */
export const corpusFiles = (directory: string): readonly string[] =>
  readdirSync(directory)
    .filter((name) => /\.json(\.gz)?$/.test(name))
    .sort();

/** @throws ZodError, SyntaxError when it is none */
export function readCorpus(directory: string, file: string): Corpus {
  const bytes = readFileSync(join(directory, file));
  const json = file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  return corpusSchema.parse(JSON.parse(json.toString()));
}
