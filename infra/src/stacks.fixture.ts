import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { addStacks } from './app.js';
import { Bundles } from './bundles.js';
import { readSettings } from './context.js';

/**
 * The real stacks over stand-ins for the built apps, so that a test of a template waits for no
 * build. Each workspace is a temporary folder; `removeWorkspaces` takes them away.
 */
export function createStacks(context: Record<string, unknown> = {}) {
  const workspace = mkdtempSync(path.join(tmpdir(), 'orchestra-infra-'));
  workspaces.push(workspace);
  const appsDirectory = path.join(workspace, 'apps');
  for (const [file, content] of Object.entries(BUILT_APPS)) {
    mkdirSync(path.dirname(path.join(appsDirectory, file)), { recursive: true });
    writeFileSync(path.join(appsDirectory, file), content);
  }
  const app = new App({
    analyticsReporting: false,
    outdir: path.join(workspace, 'cdk.out'),
    context: { ...contextOfCdkJson(), ...context },
  });
  const bundles = new Bundles(appsDirectory);
  return { app, appsDirectory, ...addStacks(app, readSettings(app.node), bundles) };
}

/** The templates of all stacks, by the stack's name. */
export function synthesise(context: Record<string, unknown> = {}) {
  const { payload, orchestration, api, frontend, monitoring } = createStacks(context);
  return {
    payload: Template.fromStack(payload),
    orchestration: Template.fromStack(orchestration),
    api: Template.fromStack(api),
    frontend: Template.fromStack(frontend),
    monitoring: Template.fromStack(monitoring),
  };
}

export function removeWorkspaces(): void {
  for (const workspace of workspaces.splice(0)) rmSync(workspace, { recursive: true });
}

const workspaces: string[] = [];

const MODULE = 'export const handler = async () => ({});\n';

/** Each Node bundle differs, as real ones do: equal ones would be one asset. */
const BUILT_APPS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['api', 'orchestrator', 'worker', 'task-a', 'task-b1', 'task-b3', 'task-c'].flatMap((app) => [
      [`${app}/dist/index.mjs`, `${MODULE}// ${app}\n`],
      [`${app}/dist/index.mjs.map`, '{}'],
    ]),
  ),
  'task-b2/dist/handler.py': 'def handler(event, context):\n    return {}\n',
  'task-b3/Dockerfile': 'FROM public.ecr.aws/lambda/nodejs:24\nCOPY dist/index.mjs ./\n',
  'task-b3/src/handler.ts': MODULE,
  'dashboard/dist/index.html': '<!doctype html>\n',
  'dashboard/dist/config.js': "window.API_BASE = 'http://development.example';\n",
};

function contextOfCdkJson(): Record<string, unknown> {
  const file = new URL('../cdk.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { context: Record<string, unknown> }).context;
}
