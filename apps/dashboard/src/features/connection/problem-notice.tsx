import { IconAlertTriangle, IconFileUnknown, IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { isNotFound, isPassing } from '../../api/api-errors.js';
import { Notice } from '../notice/notice.js';

interface Props {
  error: Error;
  /** What to say when the API answered that there is no such thing. */
  missing?: string;
  action?: ReactNode;
}

/** In the place of what could not be loaded. */
export function ProblemNotice({ error, missing = 'Not found', action }: Props) {
  if (isPassing(error))
    return (
      <Notice icon={IconPlugConnectedX} title="Waiting for the API" action={action}>
        This fills in by itself as soon as it answers.
      </Notice>
    );
  if (isNotFound(error))
    return (
      <Notice icon={IconFileUnknown} title={missing} action={action}>
        Its id may be mistyped, or its retention is over. If it starts, it shows up here.
      </Notice>
    );
  return (
    <Notice icon={IconAlertTriangle} title="This could not be loaded" action={action}>
      {error.message}
    </Notice>
  );
}
