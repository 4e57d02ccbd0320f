import { ActionIcon, Button } from '@mantine/core';
import { IconAdjustmentsHorizontal, IconPlayerPlayFilled } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { startFormErrors } from './start-form.js';
import { useStartWorkflow } from './start-workflow.js';
import classes from './start-controls.module.css';

const StartDialog = lazy(() =>
  import('./start-dialog.js').then((module) => ({ default: module.StartDialog })),
);

/** One click starts the workflow; the button beside it asks for an id and an input first. */
export function StartControls({ onStarted }: { onStarted: (workflowId: string) => void }) {
  const [asking, setAsking] = useState(false);
  const start = useStartWorkflow({
    onStarted: ({ workflowId }) => {
      setAsking(false);
      onStarted(workflowId);
    },
  });
  const failure = !asking && start.isError ? startFormErrors(start.error) : {};
  const ask = () => {
    start.reset();
    setAsking(true);
  };

  return (
    <>
      <div className={classes.controls}>
        <Button
          size="xs"
          leftSection={<IconPlayerPlayFilled size={12} aria-hidden />}
          loading={start.isPending && !asking}
          onClick={() => start.mutate({})}
        >
          Start workflow
        </Button>
        <ActionIcon
          variant="default"
          size={30}
          aria-label="Start with an id or input"
          title="Start with an id or input"
          onClick={ask}
        >
          <IconAdjustmentsHorizontal size={16} aria-hidden />
        </ActionIcon>
      </div>
      {Object.values(failure).map((message) => (
        <p key={message} className={classes.failure} role="alert">
          {message}
        </p>
      ))}
      <Suspense>
        {asking && (
          <StartDialog
            error={start.error}
            pending={start.isPending}
            onStart={start.mutate}
            onEdit={start.reset}
            onClose={() => setAsking(false)}
          />
        )}
      </Suspense>
    </>
  );
}
