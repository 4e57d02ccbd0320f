/** What every repository must do. Run by each adapter's own test against the store it stands on. */
import type { WorkflowRepository } from '../repository.js';
import { describeCallbacks } from './callback-rules.js';
import { describeChildren } from './child-rules.js';
import { describeDefinitions } from './definition-rules.js';
import { describeListing } from './listing-rules.js';
import { describePayloads } from './payload-rules.js';
import { describeSuspension } from './suspension-rules.js';
import { describeTasks } from './task-rules.js';
import { describeWaiting } from './waiting-rules.js';
import { createWorkbench } from './workbench.js';
import { describeWorkflows } from './workflow-rules.js';

export function describeRepository(
  store: string,
  open: () => Promise<{ repository: WorkflowRepository; close: () => Promise<void> }>,
): void {
  describe(`the repository on ${store}`, () => {
    let repository: WorkflowRepository;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ repository, close } = await open());
    });
    afterAll(() => close());

    const bench = createWorkbench(() => repository);
    describeWorkflows(bench);
    describeTasks(bench);
    describeSuspension(bench);
    describeCallbacks(bench);
    describeChildren(bench);
    describeWaiting(bench);
    describeListing(bench);
    describeDefinitions(bench);
    describePayloads(bench);
  });
}
