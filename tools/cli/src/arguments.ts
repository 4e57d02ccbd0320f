/** Reads what stands on the command line, in words for whoever wrote it. */
import { InvalidArgumentError } from 'commander';
import type { StartWorkflowRequest } from '@orchestra/api-contract';
import { definedId, idProblem, tagSchema } from '@orchestra/workflow-core';

export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('It must be a whole number from 1.');
}

export function parseId(text: string): string {
  const problem = idProblem(text);
  if (problem === undefined) return text;
  throw new InvalidArgumentError(`It ${problem}.`);
}

/** Also of an item of a map: `B[3]`. */
export function parseTaskId(text: string): string {
  parseId(definedId(text));
  return text;
}

/** `NAME`, or `NAME@REVISION`. */
export function parseDefinitionRef(text: string): StartWorkflowRequest['definition'] {
  const [name = '', revision, ...more] = text.split('@');
  if (more.length > 0) throw new InvalidArgumentError('It must be NAME or NAME@REVISION.');
  if (revision === undefined) return parseId(name);
  return { name: parseId(name), revision: parseCount(revision) };
}

/** For an option that may be given more than once. */
export function collectTags(text: string, before: readonly string[] = []): readonly string[] {
  const parsed = tagSchema.safeParse(text);
  if (parsed.success) return [...before, text];
  throw new InvalidArgumentError(`It ${parsed.error.issues[0]?.message}.`);
}
