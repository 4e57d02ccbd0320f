import { explanationParts, type Part } from './explanation-parts.js';

const short = (parts: readonly Part[]) =>
  parts.map((part) => {
    if (part.kind === 'text') return part.text;
    return part.kind === 'task' ? { task: part.taskId } : { time: part.iso };
  });

describe('the sentence of an explanation', () => {
  it('links the tasks it names', () => {
    expect(
      short(explanationParts('It waits for B1, B2 (all_success).', ['B1', 'B2', 'B3'])),
    ).toEqual(['It waits for ', { task: 'B1' }, ', ', { task: 'B2' }, ' (all_success).']);
  });

  it('takes the full stop after a name for the end of the sentence', () => {
    expect(short(explanationParts('Because of B2.', ['B2']))).toEqual([
      'Because of ',
      { task: 'B2' },
      '.',
    ]);
  });

  it('does not take a part of a name for another task', () => {
    const ids = ['load', 'load.v1', 'load.v1-eu', 'pre-load'];
    expect(short(explanationParts('load.v1-eu, pre-load, load.v2, loads, load', ids))).toEqual([
      { task: 'load.v1-eu' },
      ', ',
      { task: 'pre-load' },
      ', load.v2, loads, ',
      { task: 'load' },
    ]);
  });

  it('knows a mapped item by its whole name', () => {
    expect(short(explanationParts('map[12] failed', ['map', 'map[12]']))).toEqual([
      { task: 'map[12]' },
      ' failed',
    ]);
  });

  it('finds times', () => {
    const text = 'Retry 1 (attempt 2) starts at 2026-11-24T05:26:00.000Z; a worker waits with it.';
    expect(short(explanationParts(text, []))).toEqual([
      'Retry 1 (attempt 2) starts at ',
      { time: '2026-11-24T05:26:00.000Z' },
      '; a worker waits with it.',
    ]);
  });

  it('is one piece when there is nothing in it', () => {
    expect(short(explanationParts('It succeeded on attempt 1.', []))).toEqual([
      'It succeeded on attempt 1.',
    ]);
  });
});
