import { Installation, NOW, problem, run } from './testing/installation.js';

let installation: Installation;
beforeEach(async () => {
  installation = await Installation.open();
  installation.answers.set('POST /definitions:validate', { valid: true, issues: [] });
});
afterEach(() => installation.close());

const DEFINITION = { name: 'w', tasks: [{ id: 'A', function: 'A' }] };
const MODULE = { default: DEFINITION, other: { ...DEFINITION, name: 'v' }, helper: () => 1 };
const YAML = 'name: w\ntasks:\n  - id: A\n    function: A\n';

/** Runs with these files, and modules, on the disk. */
const withFiles = (args: readonly string[], files: Readonly<Record<string, string | object>>) =>
  run(args, installation, {
    readFile: (path) => {
      if (path === '/data/local.json') return installation.localJson();
      const text = files[path];
      if (typeof text === 'string') return text;
      throw new Error(`ENOENT: ${path}`);
    },
    loadModule: async (path) => {
      const exported = files[path];
      if (typeof exported === 'object') return exported;
      throw new SyntaxError('Unexpected token');
    },
  });

const put = (name: string, revision: number, created: boolean) =>
  installation.answers.set(`PUT /definitions/${name}`, { name, revision, created });
const invalid = (...issues: { path: string; message: string }[]) =>
  installation.answers.set('POST /definitions:validate', { valid: false, issues });

describe('pushing definitions', () => {
  it.each([
    ['w.yaml', YAML],
    ['w.yml', YAML],
    ['w.json', JSON.stringify(DEFINITION)],
    ['w.ts', { default: DEFINITION }],
    ['w.mjs', { definition: DEFINITION }],
    ['w.cts', { default: { __esModule: true, default: DEFINITION } }],
  ])('stores the one in %s', async (path, content) => {
    put('w', 3, true);
    const { exitCode, out, err } = await withFiles(['definitions', 'push', path], {
      [path]: content,
    });
    expect([exitCode, out, err]).toEqual([0, ['w  revision 3  created'], []]);
    expect(installation.events).toEqual([DEFINITION, DEFINITION]);
  });

  it('says when the newest revision is the same', async () => {
    put('w', 3, false);
    const { out } = await withFiles(['definitions', 'push', 'w.yaml'], { 'w.yaml': YAML });
    expect(out).toEqual(['w  revision 3  unchanged']);
  });

  it('stores every definition a module exports, each once', async () => {
    put('w', 1, true);
    put('v', 2, false);
    const files = { 'w.ts': { ...MODULE, again: DEFINITION } };
    const { out } = await withFiles(['definitions', 'push', 'w.ts', '--json'], files);
    expect(out.map((line) => JSON.parse(line))).toEqual([
      { name: 'w', revision: 1, created: true },
      { name: 'v', revision: 2, created: false },
    ]);
  });

  it('stores none of them when one has an issue', async () => {
    invalid({ path: 'tasks[0].function', message: 'no' });
    const { exitCode, out } = await withFiles(['definitions', 'push', 'w.ts'], { 'w.ts': MODULE });
    expect([exitCode, out]).toEqual([
      1,
      ['w.ts: w: tasks[0].function: no', 'w.ts: v: tasks[0].function: no'],
    ]);
    expect(installation.requests.every((request) => request.startsWith('POST'))).toBe(true);
  });

  it('tells without storing what a dry run would do', async () => {
    const { out } = await withFiles(['definitions', 'push', 'w.ts', '--dry-run'], {
      'w.ts': MODULE,
    });
    expect(out).toEqual(['w  revision 1  would be created', 'v  revision 1  would be created']);
    const stored = { name: 'w', revision: 4, createdAt: NOW };
    const retry = { maxAttempts: 3 };
    for (const [tasks, words] of [
      [[{ function: 'A', id: 'A' }], 'revision 4  unchanged'],
      [[{ function: 'A', id: 'A', retry }], 'revision 5  would be created'],
    ] as const) {
      const definition = { tasks, name: 'w' };
      installation.answers.set('GET /definitions/w', { ...stored, definition });
      const dry = await withFiles(['definitions', 'push', 'w.yaml', '--dry-run'], {
        'w.yaml': YAML,
      });
      expect(dry.out).toEqual([`w  ${words}`]);
    }
  });

  it.each([
    ['w.txt', {}, /must end in .ts/],
    ['w.yaml', {}, /ENOENT: w.yaml/],
    ['w.ts', {}, /w.ts cannot be loaded: SyntaxError: Unexpected token/],
    ['w.ts', { 'w.ts': { helper: 1 } }, /exports no definition/],
    [
      'w.ts',
      { 'w.ts': { a: DEFINITION, b: { ...DEFINITION } } },
      /two definitions of the name "w"/,
    ],
  ])('ends in one line for %s with %j', async (path, files, words) => {
    const { exitCode, err } = await withFiles(['definitions', 'push', path], files);
    expect([exitCode, err]).toEqual([2, [expect.stringMatching(words)]]);
    expect(installation.requests.filter((request) => request.startsWith('PUT'))).toEqual([]);
  });

  it('tells why the API refuses', async () => {
    installation.answers.delete('POST /definitions:validate');
    installation.failures.push({ status: 413, body: JSON.stringify(problem(413, 'too long')) });
    const { exitCode, err } = await withFiles(['definitions', 'push', 'w.yaml'], {
      'w.yaml': YAML,
    });
    expect([exitCode, err]).toEqual([1, ['orchestra: Refused (413): too long']]);
  });
});

describe('validating definitions', () => {
  it('says when there is nothing wrong', async () => {
    const files = { 'w.ts': MODULE, 'w.yaml': YAML };
    expect(await withFiles(['definitions', 'validate', 'w.yaml'], files)).toMatchObject({
      exitCode: 0,
      out: ['w.yaml: w is valid'],
    });
    expect((await withFiles(['definitions', 'validate', 'w.ts'], files)).out).toEqual([
      'w.ts: w, v are valid',
    ]);
  });

  it('names every issue with its line and its path', async () => {
    invalid(
      { path: 'tasks[0].function', message: 'is not registered' },
      { path: '', message: 'is odd' },
    );
    const args = ['definitions', 'validate', 'w.yaml'];
    const { exitCode, out } = await withFiles(args, { 'w.yaml': YAML });
    expect([exitCode, out]).toEqual([
      1,
      ['w.yaml:4: tasks[0].function: is not registered', 'w.yaml:1: is odd'],
    ]);
    const { out: json } = await withFiles([...args, '--json'], { 'w.yaml': YAML });
    expect(json.map((line) => JSON.parse(line))).toEqual([
      {
        file: 'w.yaml',
        valid: false,
        issues: [
          { path: 'tasks[0].function', message: 'is not registered', line: 4 },
          { path: '', message: 'is odd', line: 1 },
        ],
      },
    ]);
  });

  it('asks nobody about a text that is none', async () => {
    const { exitCode, out } = await withFiles(['definitions', 'validate', 'w.yaml'], {
      'w.yaml': 'name: w\nname: v\n',
    });
    expect([exitCode, out]).toEqual([1, [expect.stringMatching(/^w.yaml:2: .*unique/)]]);
    expect(installation.requests).toEqual([]);
  });
});

describe('validating definitions offline', () => {
  const args = ['definitions', 'validate', 'w.yaml', '--offline'];

  it('names what can be known without an Orchestra, and asks none', async () => {
    const files = { 'w.yaml': `${YAML}    dependsOn: [nothing]\n` };
    const { exitCode, out } = await withFiles(args, files);
    expect([exitCode, out]).toEqual([
      1,
      [
        expect.stringMatching(
          /^w\.yaml:5: tasks\[0\]\.dependsOn\[0\]: there is no task "nothing"$/,
        ),
      ],
    ]);
    expect(installation.requests).toEqual([]);
  });

  it('says when there is nothing wrong', async () => {
    expect(await withFiles(args, { 'w.yaml': YAML })).toMatchObject({
      exitCode: 0,
      out: ['w.yaml: w is valid'],
    });
  });
});

describe('showing definitions', () => {
  const summary = (name: string) => ({ name, revision: 2, createdAt: NOW, taskCount: 5 });

  it('lists them with as many pages as it takes', async () => {
    const names = ['a', 'b', 'c'];
    installation.answers.set('GET /definitions', (search: URLSearchParams) => {
      const from = Number(search.get('cursor') ?? 0);
      const to = from + Math.min(2, Number(search.get('limit')));
      return {
        definitions: names.slice(from, to).map(summary),
        ...(to < names.length && { nextCursor: String(to) }),
      };
    });
    expect((await run(['definitions', 'list'], installation)).out).toEqual([
      'DEFINITION  REVISION  TASKS  CREATED                   DESCRIPTION',
      ...names.map((name) => `${name}           2         5      ${NOW}`),
    ]);
    const { out } = await run(['definitions', 'list', '--limit', '1', '--json'], installation);
    expect(JSON.parse(out[0] ?? '')).toEqual({ definitions: [summary('a')], more: true });
  });

  it('shows the newest revision, or the one that is named', async () => {
    const definition = {
      name: 'w',
      description: 'What it does.',
      tasks: [
        { id: 'A', function: 'f' },
        { id: 'B', function: 'g', dependsOn: ['A'], triggerRule: 'all_done', when: '{% true %}' },
      ],
    };
    const detail = (revision: number) => ({ name: 'w', revision, createdAt: NOW, definition });
    installation.answers.set('GET /definitions/w', detail(4));
    installation.answers.set('GET /definitions/w/revisions/3', detail(3));
    expect((await run(['definitions', 'show', 'w'], installation)).out).toEqual([
      `w (revision 4)  created ${NOW}`,
      'What it does.',
      'TASK  DOES  DEPENDS ON  RULE         WHEN',
      'A     f     -           all_success  -',
      'B     g     A           all_done     {% true %}',
    ]);
    const args = ['definitions', 'show', 'w', '--revision', '3', '--json'];
    expect(JSON.parse((await run(args, installation)).out[0] ?? '')).toEqual(detail(3));
  });

  it('says when there is none', async () => {
    expect(await run(['definitions', 'show', 'w'], installation)).toMatchObject({
      exitCode: 1,
      err: ['orchestra: Refused (404): there is no /definitions/w'],
    });
  });
});

describe('starting a definition', () => {
  it.each([
    [['--definition', 'w'], { definition: 'w' }],
    [['--definition', 'w@3'], { definition: { name: 'w', revision: 3 } }],
    [['--tag', 'nightly', '--tag', 'team=data'], { tags: ['nightly', 'team=data'] }],
  ])('sends %j', async (args, body) => {
    installation.answers.set('POST /workflows', { workflowId: 'w-1', status: 'RUNNING' });
    await run(['start', ...args], installation);
    expect(installation.events).toEqual([body]);
  });

  it.each([
    [['--definition', '../w']],
    [['--definition', 'w@newest']],
    [['--definition', 'w@1@2']],
    [['--tag', 'a tag']],
  ])('refuses %j', async (args) => {
    expect(await run(['start', ...args], installation)).toMatchObject({ exitCode: 2 });
    expect(installation.requests).toEqual([]);
  });
});
