import { eventFilter, EventPatternError } from './event-pattern.js';

const record = {
  eventName: 'MODIFY',
  size: 5,
  flag: true,
  nothing: null,
  tags: ['red', 'green'],
  empty: {},
  dynamodb: {
    Keys: { pk: { S: 'WORKFLOW#1' }, sk: { S: 'TASK#A' } },
    NewImage: {
      status: { S: 'SUCCEEDED' },
      version: { N: '5' },
      list: { L: [{ S: 'x' }, { S: 'y' }] },
    },
  },
};
const status = (rules: unknown[]) => ({ dynamodb: { NewImage: { status: { S: rules } } } });

describe('an event pattern', () => {
  it.each<[string, unknown, boolean]>([
    ['an equal text', { eventName: ['MODIFY'] }, true],
    ['one of several texts', { eventName: ['INSERT', 'MODIFY'] }, true],
    ['another text', { eventName: ['INSERT'] }, false],
    ['a text in other case', { eventName: ['modify'] }, false],
    ['an equal number', { size: [5] }, true],
    ['a number as text', { size: ['5'] }, false],
    ['true', { flag: [true] }, true],
    ['null', { nothing: [null] }, true],
    ['null where nothing is', { absent: [null] }, false],
    ['a nested leaf', status(['SUCCEEDED', 'FAILED']), true],
    ['two fields, both equal', { eventName: ['MODIFY'], size: [5] }, true],
    ['two fields, one different', { eventName: ['MODIFY'], size: [6] }, false],
    ['a path that is not there', { dynamodb: { OldImage: { status: { S: ['x'] } } } }, false],
    ['no rule at all', { eventName: [] }, false],
    ['an empty pattern', {}, true],
    ['a list with the element', { tags: ['green'] }, true],
    ['a list without the element', { tags: ['blue'] }, false],
    ['a DynamoDB list', { dynamodb: { NewImage: { list: { L: { S: ['y'] } } } } }, true],
    [
      'a DynamoDB list without it',
      { dynamodb: { NewImage: { list: { L: { S: ['z'] } } } } },
      false,
    ],
    ['prefix', { dynamodb: { Keys: { sk: { S: [{ prefix: 'TASK#' }] } } } }, true],
    ['another prefix', { dynamodb: { Keys: { sk: { S: [{ prefix: 'META' }] } } } }, false],
    ['prefix of a number', { size: [{ prefix: '5' }] }, false],
    ['prefix, ignoring case', status([{ prefix: { 'equals-ignore-case': 'succ' } }]), true],
    ['suffix', status([{ suffix: 'EDED' }]), true],
    ['another suffix', status([{ suffix: 'ED!' }]), false],
    ['equals-ignore-case', { eventName: [{ 'equals-ignore-case': 'modify' }] }, true],
    ['anything-but another', status([{ 'anything-but': 'FAILED' }]), true],
    ['anything-but this', status([{ 'anything-but': 'SUCCEEDED' }]), false],
    ['anything-but a list with it', status([{ 'anything-but': ['FAILED', 'SUCCEEDED'] }]), false],
    ['anything-but a list without it', status([{ 'anything-but': ['FAILED', 'READY'] }]), true],
    ['anything-but a number', { size: [{ 'anything-but': [1, 2] }] }, true],
    ['anything-but a prefix', status([{ 'anything-but': { prefix: 'SUCC' } }]), false],
    ['anything-but prefixes', status([{ 'anything-but': { prefix: ['F', 'SUCC'] } }]), false],
    ['anything-but a suffix', status([{ 'anything-but': { suffix: 'x' } }]), true],
    ['anything-but where nothing is', { absent: [{ 'anything-but': 'x' }] }, false],
    ['exists', { eventName: [{ exists: true }] }, true],
    ['exists, of null', { nothing: [{ exists: true }] }, true],
    ['exists, of nothing', { absent: [{ exists: true }] }, false],
    ['not exists', { absent: [{ exists: false }] }, true],
    ['not exists, of a leaf', { eventName: [{ exists: false }] }, false],
    [
      'not exists, below a path that is not there',
      { dynamodb: { OldImage: { a: { S: [{ exists: false }] } } } },
      true,
    ],
    [
      'exists, of an attribute without its type',
      { dynamodb: { NewImage: { status: [{ exists: true }] } } },
      false,
    ],
    ['numeric =', { size: [{ numeric: ['=', 5] }] }, true],
    ['numeric range', { size: [{ numeric: ['>', 0, '<=', 5] }] }, true],
    ['numeric range, outside', { size: [{ numeric: ['>', 5, '<', 9] }] }, false],
    [
      'numeric of a DynamoDB number',
      { dynamodb: { NewImage: { version: { N: [{ numeric: ['=', 5] }] } } } },
      false,
    ],
    ['a DynamoDB number as its text', { dynamodb: { NewImage: { version: { N: ['5'] } } } }, true],
    ['one rule of several', status([{ prefix: 'x' }, 'SUCCEEDED']), true],
    ['$or, the second', { $or: [{ size: [6] }, { eventName: ['MODIFY'] }] }, true],
    ['$or, none', { $or: [{ size: [6] }, { eventName: ['INSERT'] }] }, false],
    ['$or and a field beside it', { $or: [{ size: [5] }], eventName: ['INSERT'] }, false],
    [
      '$or below',
      { dynamodb: { Keys: { $or: [{ sk: { S: ['x'] } }, { pk: { S: [{ prefix: 'W' }] } }] } } },
      true,
    ],
  ])('%s', (_name, pattern, expected) => {
    expect(eventFilter([pattern])(record)).toBe(expected);
  });

  it('is one of several, of which one has to match; none lets everything pass', () => {
    expect(eventFilter([{ size: [6] }, { size: [5] }])(record)).toBe(true);
    expect(eventFilter([{ size: [6] }, { size: [7] }])(record)).toBe(false);
    expect(eventFilter([])(record)).toBe(true);
  });

  it.each([
    [{ a: [{ cidr: '10.0.0.0/8' }] }],
    [{ a: [{ prefix: 'x', suffix: 'y' }] }],
    [{ a: [{}] }],
    [{ a: [{ constructor: 'x' }] }],
    [{ a: [{ numeric: ['constructor', 5] }] }],
    [{ a: [{ prefix: 5 }] }],
    [{ a: [{ exists: 'yes' }] }],
    [{ a: [{ numeric: ['>'] }] }],
    [{ a: [{ numeric: ['!', 5] }] }],
    [{ a: 'x' }],
    [{ $or: {} }],
    ['x'],
  ])('is refused when Lambda would not know it: %j', (pattern) => {
    expect(() => eventFilter([pattern])).toThrow(EventPatternError);
  });
});
