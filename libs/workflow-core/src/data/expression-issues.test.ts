import * as fc from 'fast-check';
import { LIMITS } from '../limits.js';
import { expressionIssues, expressionIssuesOf } from './expression-issues.js';
import { parseExpressions } from './parse-expressions.js';

const issuesOf = (task: object, dependsOn: string[] = []) =>
  expressionIssues(task, 'tasks[3]', dependsOn);
const messagesOf = (code: string, dependsOn: string[] = []) =>
  issuesOf({ input: `{% ${code} %}` }, dependsOn).map(({ message }) => message);

describe('what counts as an expression', () => {
  it.each(['{% 1 + %}', '  {% 1 + %}\n', '{%%}'])(
    'is a whole text between the marks: %j',
    (text) => {
      expect(issuesOf({ input: text })).toHaveLength(1);
    },
  );

  it.each(['costs {% 1 + %}', '{% 1 + %} euros', '{%}', '{% 1 +', '{{ 1 + }}', '1 +'])(
    'is no text that only contains one: %j',
    (text) => {
      expect(issuesOf({ input: { a: [text] } })).toEqual([]);
    },
  );

  it('is never the name of a property', () => {
    expect(issuesOf({ input: { '{% 1 + %}': 1 } })).toEqual([]);
  });
});

describe('an expression that does not parse', () => {
  it('is named with its place, the reason and the position', () => {
    expect(issuesOf({ input: { items: ['{% 1 %}', { a: '{%1 + %}' }] } })).toEqual([
      {
        path: 'tasks[3].input.items[1].a',
        message: 'is no JSONata expression: Unexpected end of expression (at position 4)',
      },
    ]);
  });

  it('is found in every place at once', () => {
    const paths = issuesOf({ when: '{% ( %}', input: ['{% ) %}', '{% "a %}', '{% ok %}'] });
    expect(paths.map(({ path }) => path)).toEqual([
      'tasks[3].when',
      'tasks[3].input[0]',
      'tasks[3].input[1]',
    ]);
  });

  it('may be nested without end', () => {
    expect(messagesOf('('.repeat(LIMITS.expression.length - 2))).toEqual([
      'is no JSONata expression: is nested too deeply to be read',
    ]);
  });
});

describe('limits of a definition', () => {
  it('refuses an expression above its length, and takes one of just that length', () => {
    const longest = ` 1${' '.repeat(LIMITS.expression.length - 2)}`;
    expect(issuesOf({ input: `{%${longest}%}` })).toEqual([]);
    expect(issuesOf({ input: [`{%${longest} %}`] })).toEqual([
      {
        path: 'tasks[3].input[0]',
        message: `has ${LIMITS.expression.length + 1} characters, and an expression at most ${LIMITS.expression.length}`,
      },
    ]);
  });

  it('refuses a `when` that is no expression', () => {
    expect(issuesOf({ when: 'true' })).toEqual([
      { path: 'tasks[3].when', message: 'must be an expression {% ... %}' },
    ]);
  });

  it('does not look below the deepest level', () => {
    const nested = Array.from({ length: 20_000 }).reduce<unknown>((inner) => [inner], '{% ( %}');
    const [issue, ...others] = issuesOf({ input: nested });
    expect(issue?.message).toBe(`is nested more than ${LIMITS.jsonDepth} levels deep`);
    expect(others).toEqual([]);
  });
});

describe('using the output of a task', () => {
  const unknown = (id: string) => [`uses the output of "${id}", which is not in dependsOn`];

  it.each([
    ['tasks.B.output', 'B'],
    ['tasks."B-1".output', 'B-1'],
    ['tasks.`B 1`.output', 'B 1'],
    ['$.tasks.B', 'B'],
    ['$lookup(tasks, "B")', 'B'],
    ['tasks.A.output[total > $$.tasks.B.output]', 'B'],
    ['tasks.A.output.{"x": $$.tasks.B}', 'B'],
    ['{"x": [1, tasks.B.output]}', 'B'],
    ['tasks.A.output ? tasks.B.output : 1', 'B'],
    ['($f := function($x) { $x + tasks.B.output }; $f(1))', 'B'],
    ['$sum(tasks.B.output.items.price)', 'B'],
    ['tasks.B.output ~> $uppercase', 'B'],
    ['-tasks.B.output', 'B'],
  ])('needs an edge to it: %s', (code, id) => {
    expect(messagesOf(code, ['A'])).toEqual(unknown(id));
    expect(messagesOf(code, ['A', id])).toEqual([]);
  });

  it.each([
    'workflow.input.tasks.B',
    'tasks.A.output.tasks.B',
    'tasks.A.output.items.{"x": tasks.B}',
    'tasks.A.output.items[tasks.B = 1]',
    '$keys(tasks)',
    'tasks.*.status',
    '"tasks.B"',
  ])('is no other use of the word: %s', (code) => {
    expect(messagesOf(code, ['A'])).toEqual([]);
  });

  it('is told once for each task of an expression', () => {
    expect(messagesOf('tasks.B.output + tasks.B.output + tasks.C.output')).toEqual([
      ...unknown('B'),
      ...unknown('C'),
    ]);
  });
});

describe('reading many expressions at once', () => {
  const piece = fc.constantFrom(
    ...[
      '1',
      'a',
      '"',
      "'",
      '`',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ',',
      ';',
      '/*',
      '*/',
      '/',
      '\\',
      ' ',
    ],
    ...['+', '.', ':', ':=', '$', '~>', 'tasks.A', '%', '^', '|', '?', 'and'],
  );
  const code = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));

  it('says of each what it says of it alone', () => {
    fc.assert(
      fc.property(fc.array(code, { maxLength: 6 }), (codes) => {
        const together = parseExpressions(codes);
        for (const each of codes)
          expect([each, together.get(each)]).toEqual([each, parseExpressions([each]).get(each)]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps codes apart that only together would parse', () => {
    const kinds = [...parseExpressions(['1),(2', '/*', '*/ 3']).values()].map(({ kind }) => kind);
    expect(kinds).toEqual(['broken', 'broken', expect.anything()]);
  });

  it('names each task of a definition by its place', () => {
    const task = (index: number) => ({
      path: `tasks[${index}]`,
      task: { when: `{% tasks.T${index - 1}.output %}` },
    });
    expect(expressionIssuesOf([task(7), task(9)], new Set()).map(({ path }) => path)).toEqual([
      'tasks[7].when',
      'tasks[9].when',
    ]);
  });
});
