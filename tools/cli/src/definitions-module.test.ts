/** The command as a shell runs it, on modules as people write them: nothing of Jest compiles them. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Installation } from './testing/installation.js';

// A process that starts from its sources takes seconds on a busy machine.
jest.setTimeout(60_000);

let installation: Installation;
let folder: string;
beforeEach(async () => {
  installation = await Installation.open();
  installation.answers.set('POST /definitions:validate', { valid: true, issues: [] });
  folder = mkdtempSync(join(tmpdir(), 'definitions-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await installation.close();
});

/** What was stored. */
async function pushed(path: string): Promise<unknown> {
  const args = ['definitions', 'push', path, '--api-url', installation.apiUrl];
  const command = join(__dirname, '../bin/orchestra.mjs');
  const env = { PATH: process.env['PATH'] };
  await promisify(execFile)(process.execPath, [command, ...args], { env, cwd: folder });
  return installation.events.at(-1);
}

describe('pushing a module', () => {
  it('wires the typed example', async () => {
    installation.answers.set('PUT /definitions/images', {
      name: 'images',
      revision: 1,
      created: true,
    });
    expect(await pushed(join(__dirname, '../../../docs/examples/images.ts'))).toMatchObject({
      name: 'images',
      inputSchema: { required: ['url'] },
      tasks: [
        { id: 'fetch', input: { delayMs: '{% workflow.input.patience ?? 250 %}' } },
        {
          id: 'thumbnail',
          dependsOn: ['fetch'],
          input: { delayMs: '{% $count(tasks.fetch.output.result.numbers) * 10 %}' },
        },
        { id: 'preview', when: '{% $contains(workflow.input.url, ".png") %}' },
        { id: 'publish', dependsOn: ['preview', 'thumbnail'] },
        { id: 'explain', dependsOn: ['preview'] },
      ],
    });
  });

  it('takes a CommonJS module too', async () => {
    const document = { name: 'w', tasks: [{ id: 'A', function: 'A' }] };
    const text = `const one: unknown = ${JSON.stringify(document)};\nmodule.exports = { one };\n`;
    writeFileSync(join(folder, 'w.cts'), text);
    installation.answers.set('PUT /definitions/w', { name: 'w', revision: 1, created: true });
    expect(await pushed('w.cts')).toEqual(document);
  });

  it('says in one line why it cannot be loaded', async () => {
    writeFileSync(join(folder, 'broken.ts'), 'export default {');
    await expect(pushed('broken.ts')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^orchestra: broken.ts cannot be loaded: [^\n]+\n$/),
    });
  });
});
