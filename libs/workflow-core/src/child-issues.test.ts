import { childIssues, type DefinitionLookup } from './child-issues.js';
import type { Definition, TaskDefinition } from './definition.js';
import { parseDefinition } from './parse-definition.js';

const running = (
  name: string,
  ...children: NonNullable<TaskDefinition['workflow']>[]
): Definition =>
  parseDefinition({
    name,
    tasks: [
      { id: 'F', function: 'task-a' },
      ...children.map((workflow, index) => ({ id: `W${index}`, workflow })),
    ],
  });

/** Revisions in their order. */
function stored(...definitions: Definition[]) {
  const asked: string[] = [];
  const lookup: DefinitionLookup = async ({ name, revision }) => {
    asked.push(`${name}@${revision ?? 'newest'}`);
    const revisions = definitions.filter((each) => each.name === name);
    const wanted = revision ?? revisions.length;
    const definition = revisions[wanted - 1];
    return definition && { revision: wanted, definition };
  };
  return { asked, lookup };
}

describe('the workflows that the tasks of a definition run', () => {
  it('are there, and lead nowhere back', async () => {
    const { lookup } = stored(running('b', { name: 'c' }), running('c'));
    expect(
      await childIssues(running('a', { name: 'b' }, { name: 'c', revision: 1 }), lookup),
    ).toEqual([]);
  });

  it('are missed where they are asked for', async () => {
    const { lookup } = stored(running('b'));
    expect(
      await childIssues(running('a', { name: 'x' }, { name: 'b', revision: 2 }), lookup),
    ).toEqual([
      { path: 'tasks[1].workflow', message: 'there is no definition "x"' },
      { path: 'tasks[2].workflow', message: 'there is no revision 2 of a definition "b"' },
    ]);
  });

  it('are looked for in hooks and maps too', async () => {
    const definition = parseDefinition({
      name: 'a',
      tasks: [{ id: 'M', forEach: [1], workflow: { name: 'x' } }],
      onFailure: [{ id: 'H', workflow: { name: 'y' } }],
    });
    expect(await childIssues(definition, stored().lookup)).toEqual([
      { path: 'tasks[0].workflow', message: 'there is no definition "x"' },
      { path: 'onFailure[0].workflow', message: 'there is no definition "y"' },
    ]);
  });
});

describe('a workflow that would run itself', () => {
  it('is refused when it names itself', async () => {
    expect(await childIssues(running('a', { name: 'a' }), stored().lookup)).toEqual([
      { path: 'tasks[1].workflow', message: 'a workflow would run itself: a -> a' },
    ]);
  });

  it('is refused with the way on which it does', async () => {
    const { lookup } = stored(
      running('b', { name: 'd' }, { name: 'c' }),
      running('c', { name: 'a' }),
      running('d'),
    );
    expect(await childIssues(running('a', { name: 'b' }), lookup)).toEqual([
      { path: 'tasks[1].workflow', message: 'a workflow would run itself: a -> b -> c -> a' },
    ]);
  });

  it('is refused when a fixed revision leads back to the newest', async () => {
    const { lookup } = stored(running('a', { name: 'b' }), running('b', { name: 'a' }));
    expect(await childIssues(running('a', { name: 'a', revision: 1 }), lookup)).toEqual([
      { path: 'tasks[1].workflow', message: 'a workflow would run itself: a -> a -> b -> a' },
    ]);
  });

  it('may run an older revision of itself that leads nowhere', async () => {
    const { lookup } = stored(running('a'));
    expect(await childIssues(running('a', { name: 'a', revision: 1 }), lookup)).toEqual([]);
  });

  it('is not what another one does, which is only told to who stores that', async () => {
    const { lookup } = stored(running('b', { name: 'b' }));
    expect(await childIssues(running('a', { name: 'b' }), lookup)).toEqual([]);
  });

  it('is found with each definition looked up once', async () => {
    const shared = Array.from({ length: 4 }, () => ({ name: 'b' }));
    const { lookup, asked } = stored(
      running('b', { name: 'c' }, { name: 'c' }),
      running('c', { name: 'b' }),
    );
    expect(await childIssues(running('a', ...shared), lookup)).toEqual([]);
    expect(asked).toEqual(['b@newest', 'c@newest']);
  });
});
