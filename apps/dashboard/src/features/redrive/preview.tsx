import { Skeleton } from '@mantine/core';
import type { RedriveResponse } from '@orchestra/api-contract';
import { OrderProblem } from '../confirm/order-problem.js';
import classes from './preview.module.css';

interface Props {
  preview: RedriveResponse | undefined;
  problem: Error | null;
}

/** Names shown before the rest is only counted. */
const SHOWN = 24;

/** What an order would do, said by the API before it is given. */
export function Preview({ preview, problem }: Props) {
  return (
    <div className={classes.preview}>
      {preview && (
        <>
          <Names title="Run again" ids={preview.run} none="None" />
          <Names title="Keep their output" ids={preview.keep} none="None" />
        </>
      )}
      {!preview && problem && <OrderProblem error={problem} asksAgain />}
      {!preview && !problem && <Skeleton height={92} radius={8} />}
    </div>
  );
}

function Names({ title, ids, none }: { title: string; ids: readonly string[]; none: string }) {
  return (
    <section aria-label={title}>
      <h3 className={classes.heading}>
        {title} <span className={classes.count}>{ids.length}</span>
      </h3>
      {ids.length === 0 && <p className={classes.none}>{none}</p>}
      <ul className={classes.names}>
        {ids.slice(0, SHOWN).map((id) => (
          <li key={id}>{id}</li>
        ))}
        {ids.length > SHOWN && (
          <li className={classes.more}>and {(ids.length - SHOWN).toLocaleString()} more</li>
        )}
      </ul>
    </section>
  );
}

/** "2 tasks run again, 1 keeps its output." */
export function RedriveResult({ run, keep }: Pick<RedriveResponse, 'run' | 'keep'>) {
  return (
    <p>
      {run.length === 1 ? '1 task runs' : `${run.length.toLocaleString()} tasks run`} again,{' '}
      {keep.length === 1
        ? '1 keeps its output.'
        : `${keep.length.toLocaleString()} keep their output.`}
    </p>
  );
}
