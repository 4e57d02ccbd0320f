import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Task, TaskDetail } from '@orchestra/api-contract';
import { JsonView } from '../json/json-view.js';
import { isFinishedTask } from '../status/finished.js';
import { Attempts } from './attempts.js';
import classes from './task-panel.module.css';

interface Props {
  task: Task;
  /** Of the workflow, now. */
  epoch: number;
  detail: TaskDetail | undefined;
  problem: Error | null;
}

/** What went in, what came out, and what was tried. */
export function TaskPayloads({ task, epoch, detail, problem }: Props) {
  if (!detail && problem)
    return (
      <p className={classes.quiet} role="alert">
        Input and output could not be loaded. {problem.message}
      </p>
    );
  if (!detail) return <Skeleton height={120} radius={8} />;
  return (
    <>
      <Section title="Output">
        {detail.output === undefined ? (
          <p className={classes.quiet}>{whyNoOutput(task)}</p>
        ) : (
          <JsonView value={detail.output} what="output" />
        )}
      </Section>
      {task.map !== undefined && detail.item !== undefined && (
        <Section title="Item">
          <JsonView value={detail.item} what="item" />
        </Section>
      )}
      <Section title="Input">
        {detail.input === undefined ? (
          <p className={classes.quiet}>None was given.</p>
        ) : (
          <JsonView value={detail.input} what="input" />
        )}
      </Section>
      {detail.attempts.length > 0 && (
        <Section title="Attempts">
          <Attempts attempts={detail.attempts} epoch={epoch} />
        </Section>
      )}
    </>
  );
}

function whyNoOutput({ status }: Task): string {
  if (status === 'SUCCEEDED') return 'It returned nothing.';
  return isFinishedTask(status) ? 'None: it did not succeed.' : 'Not yet.';
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
