/** How a status looks: an icon, a word and a tone. Never the tone alone. */
import {
  IconBan,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleDotted,
  IconCircleXFilled,
  IconLoader2,
  IconPlayerSkipForwardFilled,
  type Icon,
} from '@tabler/icons-react';
import type { TaskStatus, WorkflowStatus } from '@orchestra/api-contract';

/** Names the custom properties in `tones.css`. */
type Tone = 'waiting' | 'ready' | 'running' | 'success' | 'failed' | 'skipped' | 'cancelled';

export interface StatusLook {
  readonly label: string;
  readonly icon: Icon;
  readonly tone: Tone;
}

const running: StatusLook = { label: 'Running', icon: IconLoader2, tone: 'running' };
const failed: StatusLook = { label: 'Failed', icon: IconCircleXFilled, tone: 'failed' };
const cancelled: StatusLook = { label: 'Cancelled', icon: IconBan, tone: 'cancelled' };
const pending: StatusLook = { label: 'Pending', icon: IconCircleDotted, tone: 'waiting' };

export const WORKFLOW_LOOK: Record<WorkflowStatus, StatusLook> = {
  PENDING: pending,
  RUNNING: running,
  SUCCESS: { label: 'Success', icon: IconCircleCheckFilled, tone: 'success' },
  FAILED: failed,
  CANCELLED: cancelled,
};

export const TASK_LOOK: Record<TaskStatus, StatusLook> = {
  PENDING: pending,
  READY: { label: 'Ready', icon: IconCircleDashed, tone: 'ready' },
  RUNNING: running,
  SUCCEEDED: { label: 'Succeeded', icon: IconCircleCheckFilled, tone: 'success' },
  FAILED: failed,
  SKIPPED: { label: 'Skipped', icon: IconPlayerSkipForwardFilled, tone: 'skipped' },
  CANCELLED: cancelled,
};
