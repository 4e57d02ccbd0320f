import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf } from './emulator/process-identity.js';
import { readLocalFile, removeLocalFile, writeLocalFile } from './local-file.js';

const content = {
  apiUrl: 'http://localhost:3000/prod/',
  dashboardUrl: 'http://localhost:4200/',
  lambdaEndpoint: 'http://127.0.0.1:5000',
  outputs: { 'Stack.Name': 'value' },
  logDirectory: '/data/logs',
};

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'local-file-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

describe('the file that says where a stack is', () => {
  it('tells who runs it and where', () => {
    writeLocalFile(directory, content);
    expect(readLocalFile(directory)).toEqual({ ...content, ...identityOf(process.pid) });
  });

  it('is gone once removed, and removing it twice is harmless', () => {
    writeLocalFile(directory, content);
    removeLocalFile(directory);
    removeLocalFile(directory);
    expect(readLocalFile(directory)).toBeUndefined();
  });

  it('says nothing of a stack whose process has ended', async () => {
    const ended = spawn(process.execPath, ['--eval', '0']);
    const identity = identityOf(ended.pid as number);
    await once(ended, 'exit');
    writeFileSync(join(directory, 'local.json'), JSON.stringify({ ...content, ...identity }));
    expect(readLocalFile(directory)).toBeUndefined();
  });

  it('says nothing where it cannot be understood', () => {
    writeFileSync(join(directory, 'local.json'), '{"apiUrl":');
    expect(readLocalFile(directory)).toBeUndefined();
    expect(readFileSync(join(directory, 'local.json'), 'utf8')).toBe('{"apiUrl":');
  });
});
