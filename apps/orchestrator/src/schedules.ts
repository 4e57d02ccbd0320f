/**
 * Keeps the times of schedules: a duty of the sweep, not a repair. A time is started first and written down after, both
 * safe to do twice: the workflow's id is that of the time, the write has its condition. Whoever loses that leaves the
 * schedule to whoever won.
 */
import {
  LIMITS,
  isTerminalWorkflow,
  scheduleTag,
  type Schedule,
  type ScheduleLast,
  type StartAnswer,
} from '@orchestra/workflow-core';
import {
  decided,
  nextStep,
  passed,
  type Previous,
  type Step,
} from '@orchestra/workflow-core/schedules';
import type { Ports } from './ports.js';
import { startWorkflow } from './start.js';

type Pass = Extract<Step, { kind: 'pass' }>;
type Start = Extract<Step, { kind: 'start' }>;

/**
 * Does what the schedule has to do now; so much of it at most that one schedule cannot hold up the sweep.
 * @param timeIsUp asked before each further step; what is left waits for the next sweep
 */
export async function keepSchedule(
  ports: Ports,
  name: string,
  timeIsUp: () => boolean,
): Promise<void> {
  let schedule = await ports.schedules.getSchedule(name);
  for (let steps = 0; schedule && steps < LIMITS.catchUp; steps += 1) {
    if (steps > 0 && timeIsUp()) return;
    const next = await takeStep(ports, schedule);
    if (!next || !(await ports.schedules.advanceSchedule(next))) return;
    schedule = next;
  }
}

/** The schedule after its next step; undefined: there is none to take now. */
async function takeStep(ports: Ports, schedule: Schedule): Promise<Schedule | undefined> {
  const now = ports.now();
  // An entry of the index may be behind.
  if (nextStep(schedule, now).kind === 'rest') return undefined;
  const step = nextStep(schedule, now, await previousOf(ports, schedule));
  switch (step.kind) {
    case 'start':
      return start(ports, schedule, step);
    case 'pass':
      return pass(ports, schedule, step);
    case 'wait':
    case 'rest':
      return undefined;
  }
}

/** Read where it matters. */
async function previousOf(
  { repository }: Ports,
  { overlap, previous }: Schedule,
): Promise<Previous | undefined> {
  if (overlap === 'allow' || previous === undefined) return undefined;
  const workflow = await repository.getWorkflow(previous);
  if (!workflow) return undefined;
  const { status, endedAt } = workflow;
  return { isRunning: !isTerminalWorkflow(status), ...(endedAt === undefined ? {} : { endedAt }) };
}

async function start(ports: Ports, schedule: Schedule, { at, workflowId }: Start) {
  const { name, definition, input, tags = [] } = schedule;
  const answer = await startWorkflow(ports, {
    mode: 'start',
    workflowId,
    definition,
    ...(input === undefined ? {} : { input }),
    tags: [...tags, scheduleTag(name)],
  });
  const refusal = refusalOf(answer);
  if (refusal === undefined) return started(schedule, at, workflowId);
  ports.count('ScheduleTimesRefused');
  ports.log({ level: 'warn', message: 'a time of a schedule was refused', name, at, refusal });
  const last: ScheduleLast = { at, outcome: 'refused', reason: refusal };
  // What has its id was in all likelihood started by the schedule as it was before.
  return decided(schedule, last, answer.kind === 'conflict' ? { previous: workflowId } : {});
}

async function pass(ports: Ports, schedule: Schedule, step: Pass): Promise<Schedule> {
  const { at, workflowId, outcome } = step;
  // Whoever started it may have died before this was written down.
  if (await ports.repository.getWorkflow(workflowId)) return started(schedule, at, workflowId);
  if (outcome === 'missed') {
    const { name } = schedule;
    ports.count('ScheduleTimesMissed');
    ports.log({ level: 'warn', message: 'a time of a schedule was missed', name, at });
  }
  return passed(schedule, step);
}

const started = (schedule: Schedule, at: string, workflowId: string): Schedule =>
  decided(schedule, { at, outcome: 'started', workflowId }, { previous: workflowId });

/** Characters of a reason: the item of a schedule stays small. */
const SHOWN = 300;

function refusalOf(answer: StartAnswer): string | undefined {
  switch (answer.kind) {
    case 'created':
    case 'existing':
      return undefined;
    case 'conflict':
      return `the id "${answer.workflowId}" belongs to another workflow`;
    case 'unknownDefinition':
      return answer.detail;
    case 'invalid': {
      const [first] = answer.issues;
      return `${first?.path ?? ''}: ${first?.message ?? ''}`.slice(0, SHOWN);
    }
  }
}
