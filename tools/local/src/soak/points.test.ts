import { ConnectionLostError, type PassingCall } from '../aws-endpoint/faults.js';
import type { FunctionModel } from '../model.js';
import { Points } from './points.js';
import type { Shot, Side, Victim } from './protocol.js';

const ID = 'w-1';
const call: PassingCall = {
  ...{ service: 'dynamodb', operation: 'PutItem', caller: 'worker', traceHeader: 'Root=1' },
  body: Buffer.from(`{"pk":"WORKFLOW#${ID}"}`),
};
const fn = { name: 'worker' } as FunctionModel;
const answer = { statusCode: 200, headers: {}, body: '{}' };
const result = { requestId: 'r', payload: '1' };

/** What happened, in order. */
let events: string[];
let points: Points;
beforeEach(() => {
  events = [];
  points = new Points({
    nameOf: (name) => name,
    fire: async ({ victim }, { traceHeader }) => {
      events.push(`kill ${victim} of ${traceHeader ?? 'nobody'}`);
    },
    inner: (_, apply) => apply(),
  });
  points.watch(ID);
});

const pass = () =>
  points.call(call, async () => {
    events.push('applied');
    return answer;
  });
const run = () =>
  points.invocation(fn, `{"workflowId":"${ID}"}`, async () => {
    events.push('ran');
    return result;
  });
const at = (label: string, side: Side, victim: Victim): Shot => ({ label, side, victim });

describe('a call', () => {
  it('passes where nobody shoots, and its point is known', async () => {
    expect(await pass()).toBe(answer);
    expect(events).toEqual(['applied']);
    expect(points.reached).toEqual(['worker PutItem #1']);
  });

  it('is not applied, nor answered, when its caller is killed before', async () => {
    points.arm(at('worker PutItem #1', 'before', 'sandbox'));
    await expect(pass()).rejects.toBeInstanceOf(ConnectionLostError);
    expect(events).toEqual(['kill sandbox of Root=1']);
  });

  it('is applied, and not answered, when its caller is killed after', async () => {
    points.arm(at('worker PutItem #1', 'after', 'sandbox'));
    await expect(pass()).rejects.toBeInstanceOf(ConnectionLostError);
    expect(events).toEqual(['applied', 'kill sandbox of Root=1']);
  });

  it.each([
    ['before', ['kill engine of Root=1', 'applied']],
    ['after', ['applied', 'kill engine of Root=1']],
  ] as const)('is answered when the engine is killed %s', async (side, expected) => {
    points.arm(at('worker PutItem #1', side, 'engine'));
    expect(await pass()).toBe(answer);
    expect(events).toEqual(expected);
  });

  it('is shot at once, at the ordinal that was said', async () => {
    points.arm(at('worker PutItem #2', 'before', 'engine'));
    for (let time = 0; time < 3; time += 1) await pass();
    expect(events).toEqual(['applied', 'kill engine of Root=1', 'applied', 'applied']);
  });

  it('of a person is no point', async () => {
    await points.call({ ...call, caller: 'operator' }, async () => answer);
    expect(points.reached).toEqual([]);
  });

  it('is left alone once the shot is taken back', async () => {
    points.arm(at('worker PutItem #1', 'before', 'sandbox'));
    points.disarm();
    expect(await pass()).toBe(answer);
  });
});

describe('an invocation', () => {
  it('runs after its warm sandboxes were killed before it', async () => {
    points.arm(at('worker event #1', 'before', 'sandbox'));
    expect(await run()).toBe(result);
    expect(events).toEqual(['kill sandbox of nobody', 'ran']);
  });

  it('ran, and its answer is lost, when its sandbox is killed after it', async () => {
    points.arm(at('worker event #1', 'after', 'sandbox'));
    expect(await run()).toMatchObject({ requestId: 'r', functionError: 'Unhandled' });
    expect(events).toEqual(['ran', 'kill sandbox of nobody']);
  });
});
