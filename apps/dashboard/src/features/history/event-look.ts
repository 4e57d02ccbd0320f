/** How an event looks and what it says: an icon, words and a tone. */
import {
  IconArrowBackUp,
  IconBan,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleXFilled,
  IconClockPause,
  IconHeartbeat,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerSkipForwardFilled,
  IconRefresh,
  type Icon,
} from '@tabler/icons-react';
import type { HistoryEvent } from '@orchestra/api-contract';
import type { StatusLook } from '../status/status-look.js';

interface EventLook {
  /** Of a task's event, what follows its name. */
  readonly words: string;
  readonly icon: Icon;
  readonly tone: StatusLook['tone'];
}

export const EVENT_LOOK: Record<HistoryEvent['type'], EventLook> = {
  WORKFLOW_STARTED: { words: 'Workflow started', icon: IconPlayerPlayFilled, tone: 'running' },
  WORKFLOW_ADMITTED: { words: 'Workflow got a place', icon: IconPlayerPlayFilled, tone: 'running' },
  WORKFLOW_PAUSED: { words: 'Workflow paused', icon: IconPlayerPauseFilled, tone: 'skipped' },
  WORKFLOW_RESUMED: { words: 'Workflow resumed', icon: IconPlayerPlayFilled, tone: 'running' },
  WORKFLOW_REDRIVEN: { words: 'Workflow redriven', icon: IconRefresh, tone: 'ready' },
  WORKFLOW_SUCCESS: { words: 'Workflow succeeded', icon: IconCircleCheckFilled, tone: 'success' },
  WORKFLOW_FAILED: { words: 'Workflow failed', icon: IconCircleXFilled, tone: 'failed' },
  WORKFLOW_CANCELLED: { words: 'Workflow cancelled', icon: IconBan, tone: 'cancelled' },
  TASK_READY: { words: 'became ready', icon: IconCircleDashed, tone: 'ready' },
  TASK_POSTPONED: { words: 'waited for a place', icon: IconClockPause, tone: 'ready' },
  TASK_RUNNING: { words: 'started', icon: IconPlayerPlayFilled, tone: 'running' },
  TASK_SUSPENDED: { words: 'waits', icon: IconClockPause, tone: 'running' },
  TASK_HEARTBEAT: { words: 'got more time', icon: IconHeartbeat, tone: 'running' },
  TASK_RETRIED: { words: 'ended, to be tried again', icon: IconArrowBackUp, tone: 'skipped' },
  TASK_SUCCEEDED: { words: 'succeeded', icon: IconCircleCheckFilled, tone: 'success' },
  TASK_FAILED: { words: 'failed', icon: IconCircleXFilled, tone: 'failed' },
  TASK_SKIPPED: { words: 'was skipped', icon: IconPlayerSkipForwardFilled, tone: 'skipped' },
  TASK_CANCELLED: { words: 'was cancelled', icon: IconBan, tone: 'cancelled' },
};

/** What a suspended task waits for. */
export function waitText(waitsFor: NonNullable<HistoryEvent['waitsFor']>): string {
  const { callback, child, items } = waitsFor;
  if (child !== undefined) return `For the workflow ${child}`;
  if (items !== undefined) return `For its ${items} items`;
  return callback ? 'For an answer until' : 'Until';
}

/** What a redrive was about. */
export function selectionText(selection: NonNullable<HistoryEvent['selection']>): string {
  if (selection.kind === 'unfinished') return 'All that had not succeeded';
  const tasks = selection.tasks.join(', ');
  return selection.downstream ? `${tasks} and everything below` : `Only ${tasks}`;
}
