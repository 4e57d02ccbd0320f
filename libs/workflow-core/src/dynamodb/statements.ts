/** PartiQL statements; each carries its own condition and costs one write unit while its item is below 1 KB. */
import type { AttributeValue, BatchStatementRequest } from '@aws-sdk/client-dynamodb';
import type { Change } from '../transitions.js';
import { attributesOf, newTaskItem, updateAttributes, type Item } from './items.js';
import { keyOf } from './keys.js';

const DUE_KEY = 'nextCheckAt';
const LIST_KEY = 'list';

const quoted = (name: string) => `"${name}"`;

/** Fails with `DuplicateItem` when the item is there. */
export function insertStatement(table: string, item: Item): BatchStatementRequest {
  const names = Object.keys(item);
  return {
    Statement: `INSERT INTO ${quoted(table)} VALUE {${names.map((name) => `'${name}':?`).join(',')}}`,
    Parameters: names.map((name) => item[name] as AttributeValue),
  };
}

/** Fails with `ConditionalCheckFailed` when the item is not there or not as `when` says. */
export function statementOf(table: string, change: Change): BatchStatementRequest {
  if (change.kind === 'insert') return insertStatement(table, newTaskItem(change.task));
  const key = keyOf(change.key);
  const set = updateAttributes(change);
  const when = { pk: key.pk, sk: key.sk, ...attributesOf(change.when) };
  const assign = (item: Item) => Object.keys(item).map((name) => `${quoted(name)}=?`);
  return {
    Statement: [
      `UPDATE ${quoted(table)}`,
      // The right-hand side of an assignment takes a bare name only.
      `SET ${[...assign(set), `${quoted('version')}=version + 1`].join(', ')}`,
      // One name only: the engines disagree on how more are written.
      ...(change.leavesDue ? [`REMOVE ${quoted(DUE_KEY)}`] : []),
      ...(change.leavesInbox ? [`REMOVE ${quoted(LIST_KEY)}`] : []),
      `WHERE ${assign(when).join(' AND ')}`,
    ].join(' '),
    Parameters: [...Object.values(set), ...Object.values(when)],
  };
}
