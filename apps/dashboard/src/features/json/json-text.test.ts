import { SHOWN_CHARACTERS, jsonParts, jsonText } from './json-text.js';

describe('showing JSON', () => {
  it('cuts what is too long to show and keeps the whole for the clipboard', () => {
    const text = jsonText('x'.repeat(SHOWN_CHARACTERS));
    expect(text.shown).toHaveLength(SHOWN_CHARACTERS);
    expect(text.hidden).toBe(2);
    expect(JSON.parse(text.whole)).toHaveLength(SHOWN_CHARACTERS);
  });

  it('keeps a short list of plain values on its line', () => {
    const long = 'x'.repeat(70);
    const value = { sorted: [1, 2, 3], none: [], empty: {}, nested: [[4]], long: [long] };
    expect(jsonText(value).whole).toBe(
      [
        '{',
        '  "sorted": [1, 2, 3],',
        '  "none": [],',
        '  "empty": {},',
        '  "nested": [',
        '    [4]',
        '  ],',
        '  "long": [',
        `    "${long}"`,
        '  ]',
        '}',
      ].join('\n'),
    );
  });

  it.each([{ a: { 'b"': ['\n', { c: null }] } }, [[], [{}]], 'text', 1e21, false])(
    'is still the JSON of %j',
    (value) => {
      expect(JSON.parse(jsonText(value).whole)).toEqual(value);
    },
  );

  it.each([{ a: [1, -2.5e10, true, null], 'b "c"': 'd: "e" \\ <script>' }, 'only a string', 7, []])(
    'loses no character of %p',
    (value) => {
      const { shown } = jsonText(value);
      expect(
        jsonParts(shown)
          .map(({ text }) => text)
          .join(''),
      ).toBe(shown);
    },
  );

  it('loses none of a text cut in the middle of a string', () => {
    const cut = '{ "a": "never clos';
    expect(
      jsonParts(cut)
        .map(({ text }) => text)
        .join(''),
    ).toBe(cut);
  });

  it('tells keys, strings and literals apart', () => {
    expect(jsonParts('{"k": "v", "n": 1}').filter(({ kind }) => kind !== 'punctuation')).toEqual([
      { kind: 'key', text: '"k"' },
      { kind: 'string', text: '"v"' },
      { kind: 'key', text: '"n"' },
      { kind: 'literal', text: '1' },
    ]);
  });
});
