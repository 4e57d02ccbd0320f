import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FunctionFixtures, until } from './function-fixtures.js';

jest.setTimeout(60_000);
const fixtures = new FunctionFixtures();
afterAll(() => fixtures.remove());

/** Notes that it ran, in the order of the runs. */
const noting = (name: string, file: string) =>
  fixtures.node(
    name,
    `import { appendFileSync } from 'node:fs';
     export const handler = async () => {
       await new Promise((resolve) => setTimeout(resolve, 20));
       appendFileSync(${JSON.stringify(file)}, '${name}\\n');
     };`,
    { reservedConcurrency: 1 },
  );
const notesIn = (file: string) =>
  existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];

describe('asynchronous events of functions that nobody waits for', () => {
  it('begin after a crowd at a function that somebody waits for, and none is lost', async () => {
    const file = join(fixtures.root, 'crowd');
    const functions = await fixtures.start([noting('door', file), noting('work', file)], {
      isForeground: ({ name }) => name === 'door',
    });
    await functions.invoke('door', '{}');
    const crowd = Array.from({ length: 20 }, () => functions.invoke('door', '{}'));
    await functions.invokeAsync('work', '{}');
    await Promise.all(crowd);
    await until(() => notesIn(file).includes('work'));
    // The last of the crowd is no longer in line when the work begins.
    expect(notesIn(file).indexOf('work')).toBeGreaterThanOrEqual(20);
    await functions.stop();
  });

  it('that wait for their turn when the runtime stops run after the next start', async () => {
    const file = join(fixtures.root, 'stop');
    appendFileSync(file, '');
    const door = noting('slow-door', file);
    const work = noting('late-work', file);
    const options = { isForeground: ({ name }: { name: string }) => name === 'slow-door' };
    const first = await fixtures.start([door, work], options);
    const crowd = Array.from({ length: 60 }, () => first.invoke('slow-door', '{}').catch(() => {}));
    await first.invokeAsync('late-work', '{}');
    await first.stop();
    await Promise.all(crowd);
    expect(notesIn(file)).not.toContain('late-work');
    const second = await fixtures.start([door, work], options);
    await until(() => notesIn(file).includes('late-work'));
    await second.stop();
  });
});
