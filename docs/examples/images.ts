/**
 * Shows a workflow wired in TypeScript: a field that is misspelt, or of another type, does not compile.
 *
 *     Input: { "url": "https://example.test/cat.png" }
 *     Ends: SUCCESS
 *
 *     orchestra definitions push docs/examples/images.ts
 *     orchestra start --definition images --input '{"url":"https://example.test/cat.png"}'
 */
import { defineTask, defineWorkflow, equals, expression, orElse } from '@orchestra/task-kit';
import * as z from 'zod';

/** The sample function A stands for every step: it takes its time and answers a list of numbers. */
const step = defineTask({
  function: 'A',
  input: z.object({ delayMs: z.number().min(0).max(60_000) }),
  output: z.object({
    task: z.string(),
    durationMs: z.number(),
    result: z.object({ numbers: z.array(z.number()) }),
  }),
});

export default defineWorkflow(
  {
    name: 'images',
    description: 'Fetches an image, makes two sizes of it side by side, and publishes them.',
    input: z.object({
      url: z.url(),
      /** Milliseconds. */
      patience: z.int().min(0).max(5_000).optional(),
    }),
    failFast: true,
    timeoutSeconds: 900,
  },
  ({ input, task }) => {
    const fetch = task('fetch', step, {
      input: { delayMs: orElse(input.patience, 250) },
      retry: { maxAttempts: 2, intervalSeconds: 2 },
    });
    const { numbers: tiles } = fetch.output.result;

    const thumbnail = task('thumbnail', step, {
      input: { delayMs: expression<number>`$count(${tiles}) * 10` },
    });
    const preview = task('preview', step, {
      input: { delayMs: expression<number>`$max(${tiles})` },
      when: expression<boolean>`$contains(${input.url}, ".png")`,
    });

    // The preview may have been skipped; nothing was published yet if anything failed.
    task('publish', step, {
      input: { delayMs: thumbnail.output.durationMs },
      dependsOn: [preview],
      triggerRule: 'none_failed',
    });
    task('explain', step, {
      input: { delayMs: 0 },
      when: equals(preview.status, 'SKIPPED'),
      triggerRule: 'none_failed',
    });
  },
);
