import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { FunctionModel } from '../model.js';
import { functionOfProject } from './project-function.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'project-function-'));
});

afterEach(() => rmSync(root, { recursive: true }));

function file(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const fn = (name: string, code: string, handler = 'index.handler'): FunctionModel => ({
  logicalId: `${name}Id`,
  name,
  arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
  runtime: 'nodejs24.x',
  handler,
  codeDirectory: join(root, code),
  environment: {},
  timeoutSeconds: 3,
  memoryMb: 128,
  asyncRetries: 2,
  asyncMaxAgeSeconds: 21_600,
  roleName: 'role',
  statements: [],
});

const find = (functions: readonly FunctionModel[], project: string) =>
  functionOfProject(functions, project, join(root, 'apps')).name;

describe('the function of a project', () => {
  it('is the one whose code is what the project built, whatever else was built with it', () => {
    file('apps/worker/dist/index.mjs', 'the worker');
    file('apps/worker/dist/index.mjs.map', 'its map');
    file('asset.1/index.mjs', 'the api');
    file('asset.2/index.mjs', 'the worker');
    const functions = [fn('One', 'asset.1'), fn('Two', 'asset.2')];
    expect(find(functions, 'worker')).toBe('Two');
  });

  it('is found by its Python file too', () => {
    file('apps/task/dist/handler.py', 'def handler(): pass');
    file('asset.1/handler.py', 'def handler(): pass');
    expect(find([fn('Task', 'asset.1', 'handler.handler')], 'task')).toBe('Task');
  });

  it('is the one of that very name where no project built it', () => {
    file('asset.1/index.mjs', 'the api');
    const functions = [fn('One', 'asset.1')];
    expect(find(functions, 'One')).toBe('One');
    expect(find(functions, 'OneId')).toBe('One');
  });

  it('has to be named where two functions run the same code', () => {
    file('apps/worker/dist/index.mjs', 'the worker');
    file('asset.1/index.mjs', 'the worker');
    const functions = [fn('One', 'asset.1'), fn('Two', 'asset.1')];
    expect(() => find(functions, 'worker')).toThrow('worker is the code of One, Two: name one');
  });

  it('is none when what was built is not what was synthesised', () => {
    file('apps/worker/dist/index.mjs', 'the worker of today');
    file('asset.1/index.mjs', 'the worker of yesterday');
    expect(() => find([fn('One', 'asset.1')], 'worker')).toThrow(
      'no function of the stacks runs the code of worker: build and synthesise it',
    );
  });
});
