/** AWS's DynamoDB Local: a Java program that is not part of `npm ci`. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { waitUntil } from '../emulator/wait-until.js';

/** Where bin/fetch-dynamodb-local.mjs puts it. */
const FOLDER = join(__dirname, '../../../../node_modules/.cache/dynamodb-local');

export type DynamoDbLocal =
  | { readonly kind: 'found'; readonly folder: string }
  | { readonly kind: 'missing'; readonly reason: string };

export function findDynamoDbLocal(): DynamoDbLocal {
  if (spawnSync('java', ['-version']).status !== 0)
    return { kind: 'missing', reason: 'there is no java on this machine' };
  if (!existsSync(join(FOLDER, 'DynamoDBLocal.jar')))
    return {
      kind: 'missing',
      reason: 'run "node tools/local/bin/fetch-dynamodb-local.mjs" for it',
    };
  return { kind: 'found', folder: FOLDER };
}

export async function startDynamoDbLocal({ folder }: { readonly folder: string }) {
  const port = await freePort();
  const options = ['-Djava.library.path=DynamoDBLocal_lib', '-jar', 'DynamoDBLocal.jar'];
  const child = spawn('java', [...options, '-inMemory', '-sharedDb', '-port', String(port)], {
    cwd: folder,
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(url).then(
      () => true,
      () => false,
    );
  if (!(await waitUntil(answers, { withinMs: 60_000, everyMs: 100 })))
    throw new Error('DynamoDB Local did not come up within a minute');
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    url,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
