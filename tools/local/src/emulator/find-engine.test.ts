import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findEngine } from './find-engine.js';

describe('finding a DynamoDB engine', () => {
  it('takes the endpoint that is set before any program', () => {
    const environment = { DYNAMODB_ENDPOINT: 'http://127.0.0.1:8000/', PATH: process.env['PATH'] };
    expect(findEngine({ environment })).toEqual({
      kind: 'endpoint',
      url: 'http://127.0.0.1:8000',
    });
  });

  it('refuses an endpoint that is no http address', () => {
    expect(() => findEngine({ environment: { DYNAMODB_ENDPOINT: 'localhost:8000' } })).toThrow(
      'DYNAMODB_ENDPOINT is not an http address: localhost:8000',
    );
  });

  it('takes the program on the PATH where there is no package for the platform', () => {
    const folder = mkdtempSync(join(tmpdir(), 'find-engine-'));
    const program = join(folder, 'dynoxide');
    writeFileSync(program, '#!/bin/sh\n');
    chmodSync(program, 0o755);
    try {
      const environment = { PATH: `/nowhere:${folder}` };
      expect(findEngine({ environment, platform: 'plan9-vax' })).toEqual({
        kind: 'program',
        path: program,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('names every way on in one line where nothing serves', () => {
    const find = () => findEngine({ environment: { PATH: '/nowhere' }, platform: 'plan9-vax' });
    expect(find).toThrow(
      /^no DynamoDB engine for plan9-vax: install @dynoxide\/plan9-vax or put dynoxide on the PATH, or set DYNAMODB_ENDPOINT[^\n]*$/,
    );
  });
});
