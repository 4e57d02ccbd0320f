import { Fragment } from 'react';
import type { Explanation as ExplanationData } from '@orchestra/api-contract';
import { LocalTime } from '../time/times.js';
import { explanationParts, type Part } from './explanation-parts.js';
import { TaskLink } from './task-link.js';
import classes from './explanation.module.css';

interface Props {
  explanation: ExplanationData | undefined;
  problem: Error | null;
}

/** Why the task is as it is. Its place is kept while the answer is on its way. */
export function Explanation({ explanation, problem }: Props) {
  return (
    <p className={classes.why} role="status" aria-label="Why">
      {explanation && <Sentence explanation={explanation} />}
      {!explanation && problem && <>Why it is so could not be asked. {problem.message}</>}
    </p>
  );
}

function Sentence({ explanation: { text, because, upstream } }: { explanation: ExplanationData }) {
  const named = [...new Set([...because, ...upstream.map(({ taskId }) => taskId)])];
  return explanationParts(text, named).map((part, index) => (
    <Fragment key={index}>{shown(part)}</Fragment>
  ));
}

function shown(part: Part) {
  if (part.kind === 'task') return <TaskLink taskId={part.taskId} />;
  return part.kind === 'time' ? <LocalTime iso={part.iso} /> : part.text;
}
