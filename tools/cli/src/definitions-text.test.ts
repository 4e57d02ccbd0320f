import { parseText } from './definitions-text.js';

const YAML = `# a comment
name: w
inputSchema:
  properties:
    a.b: { type: text }
    a: &shared
      b: 1
tasks:
  - id: A
    dependsOn:
      - X

  - id: B
    input: { deep: [1,
      2] }
    again: *shared
`;

const lineOf = (text: string, language: 'json' | 'yaml', path: string) => {
  const parsed = parseText(text, language);
  return parsed.kind === 'document' ? parsed.lineOf(path) : parsed.issues;
};

describe('the line of an issue', () => {
  it.each([
    ['', 2],
    ['name', 2],
    ['tasks', 8],
    ['tasks[0]', 9],
    ['tasks[0].dependsOn[0]', 11],
    ['tasks[1].id', 13],
    ['tasks[1].input.deep[1]', 15],
    ['inputSchema.properties.a.b.type', 5],
    ['inputSchema.properties.a', 6],
  ])('of YAML is that of %j', (path, line) => {
    expect(lineOf(YAML, 'yaml', path)).toBe(line);
  });

  it.each([
    ['tasks[1].function', 13],
    ['tasks[9].id', 8],
    ['description', 2],
    ['tasks[0].id.length', 9],
    ['tasks[1].again.b', 16],
  ])('of what is not there is that of what is around %j', (path, line) => {
    expect(lineOf(YAML, 'yaml', path)).toBe(line);
  });

  it('of JSON is found whatever it is indented with', () => {
    const text =
      '{\r\n\t"name": "w",\r\n\t"tasks": [\r\n\t\t{ "id": "A" },\r\n\t\t{ "id": 7 }\r\n\t]\r\n}';
    expect([lineOf(text, 'json', 'tasks[1].id'), lineOf(text, 'json', 'tasks')]).toEqual([5, 3]);
  });
});

describe('reading a document', () => {
  it.each(['json', 'yaml'] as const)('gives the same from %s', (language) => {
    const document = { name: 'w', tasks: [{ id: '1', input: [null, true, 1.5, 'yes'] }] };
    const text = JSON.stringify(document, undefined, 2);
    expect(parseText(text, language)).toMatchObject({ kind: 'document', document });
  });

  it('takes texts of YAML for what they are', () => {
    expect(parseText('a: yes\nb: 2030-01-01\nc: 012', 'yaml')).toMatchObject({
      document: { a: 'yes', b: '2030-01-01', c: 12 },
    });
  });

  it.each([
    ['json', '{\n"a": 1,\n"a": 2 }', 3, /unique/],
    ['json', '{\n"a": 1,\n}', 3, /JSON/],
    ['json', '{\n"a": 1', 2, /JSON/],
    ['json', '', 1, /JSON/],
    ['json', 'a: 1', 1, /JSON/],
    ['yaml', 'a: 1\nb: 2\na: 3', 3, /unique/],
    ['yaml', 'a:\n  b: [1\nc: 2', 3, /./],
    ['yaml', 'a: 1\nb: !ruby/object {}', 2, /tag/],
    ['yaml', 'a: 1\n---\nb: 2', 2, /multiple documents/],
  ] as const)('says what is wrong with %s %j on line %d', (language, text, line, message) => {
    expect(parseText(text, language)).toMatchObject({
      kind: 'issues',
      issues: [{ path: '', line, message: expect.stringMatching(message) }],
    });
  });

  it('refuses an alias of nothing', () => {
    expect(parseText('a: *nowhere', 'yaml')).toMatchObject({
      issues: [{ message: expect.stringMatching(/alias.*nowhere/) }],
    });
  });

  it('refuses aliases that multiply without end', () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const of = level === 0 ? 'x' : `*l${level - 1}`;
      return `l${level}: &l${level} [${Array(9).fill(of).join(', ')}]`;
    });
    expect(parseText(levels.join('\n'), 'yaml')).toMatchObject({
      kind: 'issues',
      issues: [{ message: expect.stringMatching(/alias/) }],
    });
  });
});
