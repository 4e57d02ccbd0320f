/** Making, changing, pausing, listing and showing schedules. The sweep keeps their times. */
import {
  listSchedulesQuerySchema,
  putScheduleRequestSchema,
  type DeleteScheduleResponse,
  type ListSchedulesResponse,
  type Schedule as ScheduleAnswer,
  type ScheduleSummary as SummaryAnswer,
} from '@orchestra/api-contract';
import {
  LIMITS,
  StoreUnavailableError,
  issuesOf,
  scheduleNameSchema,
  scheduleSpecOf,
  type Issue,
  type Schedule,
  type ScheduleSpec,
  type ScheduleSummary,
} from '@orchestra/workflow-core';
import { ordered, switched, timesAfter, timingIssues } from '@orchestra/workflow-core/schedules';
import { ANSWER_BYTES, firstThatFit } from './answer-size.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { ProblemError, invalidRequest } from './problems.js';
import { readBody, wrongFields } from './request-body.js';
import { publicPath, queryOf, type Request, type Route, type RouteDependencies } from './route.js';

const NEXT_TIMES = 5;
/** Tries of a write that others get in between of: at each time the sweep writes too. */
const TRIES = 5;

export const put =
  (dependencies: RouteDependencies): Route =>
  async (request) => {
    const name = scheduleFrom(request);
    const { name: named = name, ...spec } = await readBody(
      request.req.raw,
      putScheduleRequestSchema,
    );
    if (named !== name)
      throw wrongFields([
        { path: 'name', message: `must be "${name}", as in the address, or be left out` },
      ]);
    const issues = [
      ...timingIssues(spec, dependencies.now()),
      ...inputIssues(spec),
      ...(await definitionIssues(dependencies, spec)),
    ];
    if (issues.length > 0) throw wrongFields(issues);
    const { schedule, created } = await write(dependencies, name, (present, now) =>
      ordered(name, spec, present, now),
    );
    return request.json(detailOf(schedule, dependencies.now()), created ? 201 : 200, {
      Location: publicPath(request),
    });
  };

const turn =
  (enabled: boolean) =>
  (dependencies: RouteDependencies): Route =>
  async (request) => {
    const name = scheduleFrom(request);
    const { schedule } = await write(dependencies, name, (present, now) => {
      if (!present) throw noSchedule(name);
      return switched(present, enabled, now);
    });
    return request.json(detailOf(schedule, dependencies.now()));
  };

export const pause = turn(false);
export const resume = turn(true);

export const show =
  ({ schedules, now }: RouteDependencies): Route =>
  async (request) => {
    const name = scheduleFrom(request);
    const schedule = await schedules.getSchedule(name);
    if (!schedule) throw noSchedule(name);
    return request.json(detailOf(schedule, now()));
  };

export const list =
  ({ schedules, now }: RouteDependencies): Route =>
  async (request) => {
    const { limit, cursor } = queryOf(request, listSchedulesQuerySchema);
    const page = await schedules.listSchedules({
      limit,
      ...(cursor === undefined ? {} : { cursor: decodeCursor(cursor, LIST) }),
    });
    const found = page.items.map((each) => summaryOf(each, now()));
    const shown = firstThatFit(found, ANSWER_BYTES);
    const next = shown.length < found.length ? shown.at(-1)?.name : page.cursor;
    return request.json({
      schedules: [...shown],
      ...(next === undefined ? {} : { nextCursor: encodeCursor(next, LIST) }),
    } satisfies ListSchedulesResponse);
  };

const LIST = 'schedules';

export const remove =
  ({ schedules }: RouteDependencies): Route =>
  async (request) => {
    const name = scheduleFrom(request);
    if (!(await schedules.deleteSchedule(name))) throw noSchedule(name);
    return request.json({ name } satisfies DeleteScheduleResponse);
  };

/** @param change what it is to be; undefined: it is so already */
async function write(
  { schedules, now }: RouteDependencies,
  name: string,
  change: (present: Schedule | undefined, now: number) => Schedule | undefined,
): Promise<{ readonly schedule: Schedule; readonly created: boolean }> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const present = await schedules.getSchedule(name);
    const next = change(present, now());
    if (!next) return { schedule: present as Schedule, created: false };
    if (!present && (await schedules.countSchedules()) >= LIMITS.schedules) throw tooMany();
    if (await schedules.putSchedule(next)) return { schedule: next, created: !present };
  }
  throw new StoreUnavailableError(`the schedule "${name}" changes too often`);
}

const tooMany = () =>
  new ProblemError('TOO_MANY_SCHEDULES', `there are ${LIMITS.schedules} already: delete one`);

function inputIssues({ input }: ScheduleSpec): Issue[] {
  const bytes = input === undefined ? 0 : Buffer.byteLength(JSON.stringify(input));
  if (bytes <= LIMITS.scheduleInputBytes) return [];
  const message = `has ${bytes} bytes, above the limit of ${LIMITS.scheduleInputBytes}`;
  return [{ path: 'input', message }];
}

async function definitionIssues(
  { repository, sample }: RouteDependencies,
  { definition: { name, revision } }: ScheduleSpec,
): Promise<Issue[]> {
  await sample();
  if (!(await repository.latestRevision(name)))
    return [{ path: 'definition.name', message: `there is no definition "${name}"` }];
  if (revision === undefined || (await repository.getRevision({ name, revision }))) return [];
  return [{ path: 'definition.revision', message: `"${name}" has no revision ${revision}` }];
}

/** @throws ProblemError when the address holds no name of a schedule */
function scheduleFrom(request: Request): string {
  const name = scheduleNameSchema.safeParse(request.req.param('name'));
  if (name.success) return name.data;
  throw invalidRequest(
    'the address is not valid',
    issuesOf(name.error).map(({ message }) => ({ path: 'name', message })),
  );
}

const noSchedule = (name: string) =>
  new ProblemError('NOT_FOUND', `there is no schedule "${name}"`);

const detailOf = (schedule: Schedule, now: number): ScheduleAnswer => ({
  ...scheduleSpecOf(schedule),
  ...progressOf(schedule, now, NEXT_TIMES),
});

const summaryOf = (schedule: ScheduleSummary, now: number): SummaryAnswer => ({
  ...scheduleSpecOf(schedule),
  ...progressOf(schedule, now, 1),
});

function progressOf(schedule: ScheduleSummary, now: number, count: number) {
  const { name, createdAt, updatedAt, nextAt, last } = schedule;
  const hasCome = nextAt !== undefined && Date.parse(nextAt) <= now;
  return {
    ...{ name, createdAt, updatedAt, next: timesToCome(schedule, now, count) },
    ...(hasCome ? { waitingSince: nextAt } : {}),
    ...(last === undefined ? {} : { last }),
  };
}

function timesToCome(schedule: ScheduleSummary, now: number, count: number): string[] {
  const { nextAt } = schedule;
  if (nextAt === undefined) return [];
  return timesAfter(schedule, Math.max(now, Date.parse(nextAt) - 1), count);
}
