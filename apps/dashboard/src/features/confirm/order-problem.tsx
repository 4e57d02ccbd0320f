import { ApiProblemError, ApiUnreachableError } from '../../api/api-errors.js';
import classes from './confirm-dialog.module.css';

interface Props {
  error: Error;
  /** Whether asking again by itself goes on: of a question, not of an order. */
  asksAgain?: boolean;
}

/** What the API said against it, in all its details. */
export function OrderProblem({ error, asksAgain = false }: Props) {
  if (error instanceof ApiUnreachableError)
    return (
      <p className={classes.problem} role="alert">
        {asksAgain
          ? 'The API does not answer. Trying again.'
          : 'The API did not answer. It is not known whether this was done: see what the workflow shows before trying again.'}
      </p>
    );
  const { title, detail, errors = [], requestId } = detailsOf(error);
  return (
    <div className={classes.problem} role="alert">
      <p>
        <b>{title}</b>
        {detail && <>. {detail}</>}
      </p>
      {errors.length > 0 && (
        <ul>
          {errors.map(({ path, message }) => (
            <li key={`${path} ${message}`}>{path ? `${path}: ${message}` : message}</li>
          ))}
        </ul>
      )}
      {requestId && (
        <p className={classes.request}>
          request <code>{requestId}</code>
        </p>
      )}
    </div>
  );
}

const detailsOf = (error: Error) =>
  error instanceof ApiProblemError
    ? error.problem
    : { title: error.message, detail: undefined, errors: undefined, requestId: undefined };
