import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ApiStack } from './api-stack.js';
import type { Bundles } from './bundles.js';
import type { Settings } from './context.js';
import { FrontendStack } from './frontend-stack.js';
import { MonitoringStack } from './monitoring-stack.js';
import { OrchestrationStack } from './orchestration-stack.js';
import { PayloadStack } from './payload-stack.js';

/**
 * All of Orchestra. The stacks name no account and no region: they go where the credentials of
 * whoever deploys them point, and synthesise without any.
 */
export function addStacks(app: App, settings: Settings, bundles: Bundles) {
  const payload = new PayloadStack(app, 'PayloadStack', settings);
  const orchestration = new OrchestrationStack(app, 'OrchestrationStack', {
    settings,
    bundles,
    table: payload.table,
  });
  const api = new ApiStack(app, 'ApiStack', {
    settings,
    bundles,
    table: payload.table,
    orchestrator: orchestration.orchestrator,
    taskNames: Object.keys(orchestration.tasks.byName),
  });
  const frontend = new FrontendStack(app, 'FrontendStack', {
    settings,
    bundles,
    apiUrl: api.baseUrl,
  });
  frontend.addStackDependency(api);
  const monitoring = new MonitoringStack(app, 'MonitoringStack', {
    settings,
    table: payload.table,
    orchestration,
    api,
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { payload, orchestration, api, frontend, monitoring };
}
