/**
 * What must not compile, checked by the `typecheck` target: an `@ts-expect-error` whose line has no error is an error
 * itself. Nothing here ever runs.
 */
import * as z from 'zod';
import {
  defineTask,
  defineWorkflow,
  equals,
  exists,
  expression,
  not,
  orElse,
  subWorkflow,
} from './index.js';

const resize = defineTask({
  function: 'resize',
  input: z.object({ url: z.string(), quality: z.number().optional() }),
  output: z.object({
    width: z.number(),
    format: z.enum(['png', 'jpeg']),
    tiles: z.array(z.object({ id: z.string() })),
    note: z.string().optional(),
    origin: z.object({ host: z.string() }).nullable(),
  }),
});
const report = defineTask({
  function: 'report',
  input: z.object({ width: z.number(), tiles: z.array(z.object({ id: z.string() })).optional() }),
});
const anything = defineTask({ function: 'anything' });
const swallow = defineTask({ function: 'swallow', input: z.array(z.string()) });

resize.handler(({ url, quality }, { idempotencyKey, dependencies }) => {
  const typed: [string, number | undefined, string] = [url, quality, idempotencyKey];
  return {
    width: typed.length,
    format: 'png',
    tiles: [],
    origin: Object.keys(dependencies).length > 0 ? { host: 'h' } : null,
  };
});
// @ts-expect-error the answer is not the output that is promised
resize.handler(() => ({ width: '10', format: 'png', tiles: [], origin: null }));
// @ts-expect-error the input has no such field
resize.handler(({ nothing }) => nothing);

const options = {
  name: 'images',
  input: z.object({ url: z.string(), size: z.number().default(5), deep: z.object({ n: z.int() }) }),
};

defineWorkflow(options, ({ input, workflow, task }) => {
  const a = task('a', resize, { input: { url: input.url } });
  task('literals', resize, { input: { url: 'https://example.test', quality: 5 } });
  task('elements', swallow, { input: [input.url, workflow.id, 'text'] });
  task('whole', swallow, { input: workflow.tags });
  task('fields', report, {
    input: { width: a.output.width, tiles: [{ id: a.output.format }] },
    dependsOn: [a],
    triggerRule: 'all_done',
    when: equals(a.output.format, 'png'),
    retry: { maxAttempts: 2, jitter: 'FULL' },
    timeoutSeconds: 5,
    continueOnFailure: true,
  });
  task('lists', report, { input: { width: 1, tiles: a.output.tiles } });
  task('gaps', report, { input: { width: orElse(input.size, 10) }, when: exists(a.output.note) });
  task('free', report, { input: { width: expression<number>`${a.output.width} * 2` } });
  task('untyped', anything, { input: { deep: [a.output, { more: input.deep.n }] } });
  task('workflow-input', anything, { dependsOn: [a], when: not(equals(a.status, 'FAILED')) });
  // The workflow's input is what `resize` takes.
  task('default', resize);

  // @ts-expect-error a field is missing
  task('x1', resize, { input: { quality: 5 } });
  // @ts-expect-error a literal of another type
  task('x2', resize, { input: { url: 5 } });
  // @ts-expect-error a reference of another type
  task('x3', resize, { input: { url: a.output.width } });
  // @ts-expect-error the output has no such field
  task('x4', report, { input: { width: a.output.height } });
  // @ts-expect-error the function takes no such field
  task('x5', resize, { input: { url: input.url, colour: 'red' } });
  // @ts-expect-error the whole output is not what the function takes
  task('x6', resize, { input: a.output });
  // @ts-expect-error a text that may be missing
  task('x7', resize, { input: { url: a.output.note } });
  // @ts-expect-error below something that may be null
  task('x8', resize, { input: { url: a.output.origin.host } });
  // @ts-expect-error a default of the schema is not in the workflow's input
  task('x9', report, { input: { width: input.size } });
  // @ts-expect-error an element of another type
  task('x10', swallow, { input: [a.output.width] });
  // @ts-expect-error the workflow's input is not what the function takes
  task('x11', report);
  // @ts-expect-error nor with other options
  task('x12', report, { dependsOn: [a] });
  // @ts-expect-error no trigger rule of this name
  task('x13', anything, { triggerRule: 'all_succeeded' });
  // @ts-expect-error the condition is no boolean
  task('x14', anything, { when: a.output.width });
  // @ts-expect-error never this value
  task('x15', anything, { when: equals(a.output.format, 'gif') });
  // @ts-expect-error no status of this name
  task('x16', anything, { when: equals(a.status, 'SUCCESS') });
  // @ts-expect-error a task is no value
  task('x17', resize, { input: { url: a } });
  // @ts-expect-error another type instead of what may be missing
  task('x18', report, { input: { width: orElse(input.size, 'ten') } });
  // @ts-expect-error no option of this name
  task('x19', anything, { retries: 3 });
});

// @ts-expect-error the workflow's input is not known, so it is not what the function takes
defineWorkflow({ name: 'open' }, ({ task }) => void task('a', resize));
defineWorkflow({ name: 'open' }, ({ input, task }) => {
  task('a', anything, { input });
  task('b', anything);
});

const tile = defineTask({
  function: 'tile',
  input: z.object({ id: z.string(), place: z.number().optional() }),
  output: z.object({ bytes: z.number() }),
});
const ofItem = defineTask({
  function: 'of-item',
  input: z.object({ item: z.object({ id: z.string() }) }),
});
const sums = defineTask({ function: 'sums', input: z.array(z.object({ bytes: z.number() })) });
const mail = defineTask({
  function: 'mail',
  input: z.object({ status: z.string(), failedTasks: z.array(z.object({ taskId: z.string() })) }),
});
const region = subWorkflow({
  name: 'region',
  input: z.object({ url: z.string() }),
  output: z.object({ page: z.object({ text: z.string() }) }),
});

defineWorkflow(
  { ...options, concurrency: { limit: 2, key: (input) => input.url } },
  ({ input, task, map, wait, callback, onSuccess, onFailure, finally: last }) => {
    const a = task('a', resize, { input: { url: input.url } });
    const tiles = map('tiles', tile, {
      forEach: a.output.tiles,
      input: ({ id }, index) => ({ id, place: index }),
      label: ({ id }) => id,
      maxConcurrency: 5,
    });
    task('all', sums, { input: tiles.output });
    task('one', sums, { input: [{ bytes: tiles.output[0]?.bytes ?? 0 }] });
    // Without an input an item's function takes `{ item }`.
    map('items', ofItem, { forEach: a.output.tiles });
    map('literal', tile, { forEach: ['x', 'y'], input: (id) => ({ id }) });
    const some = map('some', tile, {
      forEach: a.output.tiles,
      input: ({ id }) => ({ id }),
      toleratedFailures: { count: 1 },
    });
    task('gaps', anything, { input: some.output });

    // @ts-expect-error no list
    map('m1', tile, { forEach: a.output.width, input: () => ({ id: 'x' }) });
    // @ts-expect-error the item has no such field
    map('m2', tile, { forEach: a.output.tiles, input: ({ name }) => ({ id: name }) });
    // @ts-expect-error the whole item is not what the function takes
    map('m3', tile, { forEach: a.output.tiles, input: (item) => ({ id: item }) });
    // @ts-expect-error nor is `{ item }`
    map('m4', tile, { forEach: a.output.tiles });
    // @ts-expect-error an item of another type
    map('m5', ofItem, { forEach: [{ id: 5 }] });
    // @ts-expect-error one that failed is null
    task('m6', sums, { input: some.output });
    // @ts-expect-error the output is a list
    task('m7', sums, { input: [{ bytes: tiles.output.bytes }] });
    // @ts-expect-error fields of a map are for maps
    task('m8', anything, { maxConcurrency: 5 });

    const settled = wait('settle', { seconds: 5, dependsOn: [a] });
    wait('later', { until: settled.output.until });
    // @ts-expect-error seconds are a number
    wait('w1', { seconds: '5' });
    // @ts-expect-error a moment is a text
    wait('w2', { until: a.output.width });
    // @ts-expect-error it calls nothing that could be tried again
    wait('w3', { seconds: 5, retry: {} });

    const asked = callback('ask', { timeoutSeconds: 5, output: z.object({ ok: z.boolean() }) });
    task('go', anything, { when: asked.output.ok });
    // @ts-expect-error always a deadline
    callback('c1', {});
    // @ts-expect-error an answer has no such field
    task('c2', anything, { when: asked.output.fine });

    const child = task('child', region);
    task('page', tile, { input: { id: child.output.page.text } });
    map('regions', region, { forEach: ['u'], input: (url) => ({ url }) });
    // @ts-expect-error the other workflow takes a text
    task('s1', region, { input: { url: 5 } });
    // @ts-expect-error its output has no such field
    task('s2', tile, { input: { id: child.output.text } });

    onSuccess('praise', anything, { input: a.output.width });
    onFailure('alert', tile, { input: ({ status }) => ({ id: status }) });
    last('clean', anything);
    // Without an input a hook is told how the tasks ended.
    last('told', mail);
    // @ts-expect-error a hook has no condition
    onFailure('h1', anything, { when: 'true' });
    // @ts-expect-error the input is not what the function takes
    onFailure('h2', tile, { input: ({ failedTasks }) => ({ id: failedTasks }) });
    // @ts-expect-error how the tasks ended is not what the function takes
    last('h3', tile);
    // @ts-expect-error nothing comes after a hook
    task('h4', anything, { dependsOn: [last('h5', anything)] });
  },
);

defineWorkflow(
  // @ts-expect-error a key is a text or a number
  { ...options, concurrency: { limit: 2, key: (input) => input.deep } },
  () => undefined,
);
