import { Button } from '@mantine/core';
import { IconBan, IconRefresh } from '@tabler/icons-react';
import { lazy, Suspense, useState, type RefObject } from 'react';
import type { Workflow, WorkflowStatus } from '@orchestra/api-contract';

const CancelDialog = lazy(() =>
  import('../cancel/cancel-dialog.js').then((module) => ({ default: module.CancelDialog })),
);
const RedriveDialog = lazy(() =>
  import('../redrive/redrive-dialog.js').then((module) => ({ default: module.RedriveDialog })),
);

type Action = 'cancel' | 'redrive';

/** A record, not a list: a status that is new in the contract does not compile until it is decided here. */
const OFFERED: Record<WorkflowStatus, Action | undefined> = {
  PENDING: 'cancel',
  RUNNING: 'cancel',
  SUCCESS: undefined,
  FAILED: 'redrive',
  CANCELLED: 'redrive',
};

const LOOK = {
  cancel: { label: 'Cancel', icon: IconBan },
  redrive: { label: 'Redrive', icon: IconRefresh },
} as const;

interface Props {
  workflow: Workflow;
  /** Takes the focus when a dialog closes and what it was opened with is gone. */
  returnTo: RefObject<HTMLElement | null>;
}

/** One button: what can be ordered depends on how the workflow is. A dialog is about what it was opened for. */
export function WorkflowActions({ workflow, returnTo }: Props) {
  const [asking, setAsking] = useState<{ action: Action; workflow: Workflow }>();
  const action = OFFERED[workflow.status];
  const dialog = asking && { onClose: () => setAsking(undefined), returnTo };
  return (
    <>
      {action && <ActionButton action={action} onClick={() => setAsking({ action, workflow })} />}
      <Suspense>
        {asking?.action === 'cancel' && dialog && (
          <CancelDialog workflowId={asking.workflow.workflowId} {...dialog} />
        )}
        {asking?.action === 'redrive' && dialog && (
          <RedriveDialog workflow={asking.workflow} {...dialog} />
        )}
      </Suspense>
    </>
  );
}

function ActionButton({ action, onClick }: { action: Action; onClick: () => void }) {
  const { label, icon: Glyph } = LOOK[action];
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<Glyph size={14} aria-hidden />}
      onClick={onClick}
    >
      {label}
    </Button>
  );
}
