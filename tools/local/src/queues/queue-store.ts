import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { QueueStore } from '../runtime.js';

const queueName = /^[A-Za-z0-9_-]{1,80}(\.fifo)?$/;

/**
 * Queues as folders: one file a message, named so that the names sort in the order of sending, also across restarts.
 * A message is written aside and renamed, so a reader never sees half of one.
 */
export async function openQueueStore(directory: string): Promise<QueueStore> {
  const nextId = orderedIds(await newestId(directory));

  const folderOf = (queueArn: string): string => {
    const name = queueArn.split(':').at(-1) ?? '';
    if (!queueName.test(name)) throw new Error(`Not the ARN of a queue: ${queueArn}`);
    return join(directory, name);
  };

  return {
    async send(queueArn, body) {
      const folder = folderOf(queueArn);
      await mkdir(folder, { recursive: true });
      const id = nextId();
      await writeFile(join(folder, `.${id}`), body);
      await rename(join(folder, `.${id}`), join(folder, id));
      return id;
    },

    async peek(queueArn, limit) {
      const folder = folderOf(queueArn);
      const ids = (await messageIds(folder)).slice(0, limit);
      const messages = await Promise.all(ids.map((id) => readMessage(folder, id)));
      return messages.filter((message) => message !== undefined);
    },

    async remove(queueArn, id) {
      const folder = folderOf(queueArn);
      if ((await messageIds(folder)).includes(id)) await rm(join(folder, id), { force: true });
    },

    async count(queueArn) {
      return (await messageIds(folderOf(queueArn))).length;
    },
  };
}

/** Milliseconds, made to grow: two messages of one millisecond differ, and so they do when the clock is set back. */
function orderedIds(newest: number): () => string {
  let last = newest;
  return () => {
    last = Math.max(Date.now(), last + 1);
    return String(last).padStart(14, '0');
  };
}

async function newestId(directory: string): Promise<number> {
  const queues = (await unlessMissing(readdir(directory))) ?? [];
  const ids = await Promise.all(queues.map((queue) => messageIds(join(directory, queue))));
  return Math.max(0, ...ids.map((ofQueue) => Number(ofQueue.at(-1) ?? 0)));
}

async function messageIds(folder: string): Promise<string[]> {
  const names = await unlessMissing(readdir(folder));
  return (names ?? []).filter((name) => !name.startsWith('.')).sort();
}

/** A message that another reader removed in the meantime is not there, which is no error. */
async function readMessage(folder: string, id: string) {
  const body = await unlessMissing(readFile(join(folder, id), 'utf8'));
  return body === undefined ? undefined : { id, body };
}

async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
