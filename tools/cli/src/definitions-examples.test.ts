/** What the documentation shows is true: every example can be stored, and runs on the sample's functions. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { diamond, type Definition } from '@orchestra/workflow-core';
import { createInputCheck, validateDefinition } from '@orchestra/workflow-core/data';
import { readDefinitions } from './definitions-file.js';

const FOLDER = join(__dirname, '../../../docs/examples');
/** Events of single functions, and a schedule, not definitions. */
const OTHERS = ['start.json', 'task.json', 'schedule.json'];
const examples = readdirSync(FOLDER).filter((file) => !OTHERS.includes(file));
const functions = new Set(diamond.tasks.flatMap((task) => task.function ?? []));

const disk = {
  readFile: (path: string) => readFileSync(path, 'utf8'),
  // Jest compiles what it loads by its own means.
  loadModule: async (path: string) => import(path) as Promise<object>,
};

async function definitionIn(file: string): Promise<Definition> {
  const found = await readDefinitions(join(FOLDER, file), disk);
  if (found.kind === 'issues') throw new Error(JSON.stringify(found.issues));
  expect(found.definitions).toHaveLength(1);
  const validated = validateDefinition(found.definitions[0]?.document, { functions });
  if ('issues' in validated) throw new Error(JSON.stringify(validated.issues));
  return validated.definition;
}

describe('the examples', () => {
  it('come in every form a definition can be written in', () => {
    const endings = examples.map((file) => file.split('.').at(-1));
    expect([...new Set(endings)].sort()).toEqual(['json', 'ts', 'yaml']);
  });

  it.each(examples)('have no issue and say what they show: %s', async (file) => {
    expect(await definitionIn(file)).toMatchObject({ description: expect.any(String) });
  });

  it.each([
    ['diamond.json', { delayMs: 100, failAttempts: { B2: 1 } }, []],
    ['diamond.json', { delayMs: -1 }, ['input.delayMs']],
    ['etl.yaml', { minimumRows: 3 }, []],
    ['etl.yaml', { minimumRows: 3, rows: 1 }, ['input.rows']],
    ['images.ts', { url: 'https://example.test/cat.png' }, []],
    ['images.ts', { url: 'cat', patience: 0.5 }, ['input.url', 'input.patience']],
  ])('%s take the input %j, but for %j', async (file, input, paths) => {
    const { inputSchema = {} } = await definitionIn(file);
    const issues = createInputCheck()(file, inputSchema, input);
    expect(issues.map(({ path }) => path).sort()).toEqual([...paths].sort());
  });
});
