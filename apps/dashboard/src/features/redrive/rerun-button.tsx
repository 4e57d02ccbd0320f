import { Button } from '@mantine/core';
import { IconRotateClockwise } from '@tabler/icons-react';
import { lazy, Suspense, useState, type RefObject } from 'react';
import type { TaskPlace } from './rerun-task.js';

const RerunDialog = lazy(() =>
  import('./rerun-dialog.js').then((module) => ({ default: module.RerunDialog })),
);

interface Props {
  place: TaskPlace;
  /** Only a finished workflow takes an order; its dialog stays to tell what came of one. */
  offered: boolean;
  returnTo: RefObject<HTMLElement | null>;
}

export function RerunButton({ place, offered, returnTo }: Props) {
  const [asking, setAsking] = useState<TaskPlace>();
  return (
    <>
      {offered && (
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<IconRotateClockwise size={13} aria-hidden />}
          onClick={() => setAsking(place)}
        >
          Run again
        </Button>
      )}
      <Suspense>
        {asking && (
          <RerunDialog place={asking} onClose={() => setAsking(undefined)} returnTo={returnTo} />
        )}
      </Suspense>
    </>
  );
}
