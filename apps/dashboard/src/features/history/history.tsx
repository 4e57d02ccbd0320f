import { Button, Skeleton } from '@mantine/core';
import type { Workflow } from '@orchestra/api-contract';
import { ProblemNotice } from '../connection/problem-notice.js';
import { EventRow } from './event-row.js';
import { allEvents, useEvents } from './list-events.js';
import classes from './history.module.css';

/** Every move of the workflow and of its tasks, oldest first: what is added comes below what is read. */
export function History({ workflow }: { workflow: Workflow }) {
  const query = useEvents(workflow);
  const problem = query.error ?? query.failureReason;
  const events = allEvents(query.data);
  return (
    <section className={classes.history} aria-label="History" tabIndex={-1}>
      {!query.data && (problem ? <ProblemNotice error={problem} /> : <LoadingEvents />)}
      {query.data && (
        <ol className={classes.events} aria-label="Events, oldest first">
          {events.map((event) => (
            <EventRow key={event.sequence} event={event} />
          ))}
        </ol>
      )}
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

function LoadingEvents() {
  return (
    <div className={classes.loading} role="status" aria-label="Loading the history">
      {Array.from({ length: 6 }, (_, row) => (
        <Skeleton key={row} height={26} radius={6} />
      ))}
    </div>
  );
}
