import { IconCloudOff } from '@tabler/icons-react';
import { ApiProblemError } from '../../api/api-errors.js';
import { useApi } from '../../api/api-context.js';
import { useOutage } from './use-outage.js';
import classes from './outage-banner.module.css';

export function OutageBanner() {
  const { base } = useApi();
  const outage = useOutage();
  return (
    <div role="status">
      {outage && (
        <p className={classes.banner}>
          <IconCloudOff size={16} aria-hidden />
          <span>
            The API at <code>{base}</code> {trouble(outage)}. Trying again; what you see may be old.
          </span>
        </p>
      )}
    </div>
  );
}

function trouble(outage: Error): string {
  return outage instanceof ApiProblemError
    ? `has trouble (${outage.problem.status}: ${outage.message})`
    : 'does not answer';
}
