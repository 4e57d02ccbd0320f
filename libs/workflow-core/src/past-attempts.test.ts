import { InMemoryRepository } from './in-memory/in-memory-repository.js';
import { putAway, readPastAttempts } from './past-attempts.js';
import { AT, taskIn } from './testing/records.js';

const running = taskIn('A', 'RUNNING', {
  version: 2,
  claimId: 'c',
  readyAt: AT,
  startedAt: AT,
});
const error = (length: number) => ({ type: 'E', message: 'x'.repeat(length), trace: [] });

describe('the attempts that are over', () => {
  it('grow by the one that is put away, with how it ended', async () => {
    const repository = new InMemoryRepository();
    const first = await putAway(repository, running, {
      at: AT,
      by: 'worker',
      endedAt: AT,
      error: error(2),
    });
    const next = { ...running, attempt: 2, version: 4, pastAttempts: first };
    const both = await putAway(repository, next, { at: AT, by: 'sweep', endedAt: AT });
    expect(await readPastAttempts(repository, { ...running, pastAttempts: both })).toEqual([
      {
        attempt: 1,
        epoch: 1,
        status: 'RUNNING',
        readyAt: AT,
        startedAt: AT,
        endedAt: AT,
        error: error(2),
      },
      { attempt: 2, epoch: 1, status: 'RUNNING', readyAt: AT, startedAt: AT, endedAt: AT },
    ]);
  });

  it('leave the item once they are long, and are read all the same', async () => {
    const repository = new InMemoryRepository();
    let task = running;
    for (let attempt = 1; attempt <= 100; attempt += 1)
      task = {
        ...task,
        attempt: attempt + 1,
        version: task.version + 2,
        pastAttempts: await putAway(repository, task, { at: AT, by: 'worker', error: error(999) }),
      };
    expect(task.pastAttempts).toMatchObject({ kind: 'parts' });
    const attempts = await readPastAttempts(repository, task);
    expect(attempts.map(({ attempt }) => attempt)).toEqual(
      Array.from({ length: 100 }, (_, n) => n + 1),
    );
  });

  it('of two who put the same one away at once do not overwrite each other', async () => {
    const repository = new InMemoryRepository();
    const [mine, theirs] = await Promise.all([
      putAway(repository, running, { at: AT, by: 'worker', error: error(800) }),
      putAway(repository, running, { at: AT, by: 'sweep', error: error(900) }),
    ]);
    const [kept] = await readPastAttempts(repository, { ...running, pastAttempts: mine });
    expect(kept?.error?.message).toHaveLength(800);
    expect(mine).not.toEqual(theirs);
  });

  it("written before epochs had numbers are read as the first epoch's", async () => {
    const repository = new InMemoryRepository();
    const old = { attempt: 1, startedAt: AT, endedAt: AT, error: error(1) };
    const pastAttempts = { kind: 'inline', json: JSON.stringify([old]) } as const;
    expect(await readPastAttempts(repository, { ...running, pastAttempts })).toMatchObject([
      { attempt: 1, epoch: 1, status: 'RUNNING' },
    ]);
  });

  it('that are none are an empty list', async () => {
    expect(await readPastAttempts(new InMemoryRepository(), running)).toEqual([]);
  });
});
