import { Button, Skeleton } from '@mantine/core';
import type { Task } from '@orchestra/api-contract';
import { StatusBadge } from '../status/status-badge.js';
import { TASK_LOOK } from '../status/status-look.js';
import { useItems } from './list-items.js';
import classes from './map-items.module.css';
import { TaskLink } from './task-link.js';

/** What a map runs over, in order; each leads to its own panel. */
export function MapItems({ workflowId, map }: { workflowId: string; map: Task }) {
  const query = useItems(workflowId, map);
  const problem = query.error ?? query.failureReason;
  const items = (query.data?.pages ?? []).flatMap(({ tasks }) => tasks);
  return (
    <section className={classes.section}>
      <h3>Items</h3>
      {!query.data && !problem && <Skeleton height={80} radius={8} />}
      {!query.data && problem && (
        <p className={classes.quiet} role="alert">
          The items could not be loaded. {problem.message}
        </p>
      )}
      <ol className={classes.items} aria-label={`Items of ${map.taskId}`}>
        {items.map((item) => (
          <Item key={item.taskId} item={item} />
        ))}
      </ol>
      {query.hasNextPage && (
        <Button
          variant="subtle"
          size="xs"
          className={classes.more}
          loading={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </section>
  );
}

function Item({ item: { taskId, label, status, error } }: { item: Task }) {
  return (
    <li className={classes.item}>
      <TaskLink taskId={taskId} />
      <span className={classes.label} title={label}>
        {label}
      </span>
      <StatusBadge look={TASK_LOOK[status]} />
      {error && (
        <span className={classes.error}>
          {error.type}: {error.message}
        </span>
      )}
    </li>
  );
}
