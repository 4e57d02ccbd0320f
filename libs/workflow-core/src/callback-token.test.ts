import { randomBytes } from 'node:crypto';
import { CALLBACK_SECRET_BYTES, callbackToken, parseCallbackToken } from './callback-token.js';

const secret = randomBytes(CALLBACK_SECRET_BYTES).toString('base64url');
const longest = 'w'.repeat(128);

describe('a callback token', () => {
  it.each([
    ['a task', 'w', 'approve'],
    ['an item of a map', 'nightly-2026.01', 'B[3]'],
    ['the longest ids', longest, `${'t'.repeat(128)}[9999]`],
  ])('says which task waits: %s', (_, workflowId, taskId) => {
    const token = callbackToken({ workflowId, taskId, secret });
    expect(parseCallbackToken(token)).toEqual({ workflowId, taskId, secret });
  });

  it('can stand in an address as it is', () => {
    const token = callbackToken({ workflowId: longest, taskId: 'B[3]', secret });
    expect(encodeURIComponent(token)).toBe(token);
  });

  const good = callbackToken({ workflowId: 'w', taskId: 't', secret });
  it.each([
    ['nothing', ''],
    ['no secret', good.slice(0, good.indexOf('.'))],
    ['a secret that is too short', good.slice(0, -1)],
    ['more than a token', `${good}x`],
    ['a place that is no base64', `!!.${secret}`],
    ['a place without a task', `${Buffer.from('w').toString('base64url')}.${secret}`],
    ['ids that are none', `${Buffer.from('w/../x').toString('base64url')}.${secret}`],
    ['a name of a prototype', `${Buffer.from('constructor/t').toString('base64url')}.${secret}`],
    ['another spelling of the same place', good.replace('.', '=.')],
    ['padding bits', `${'dy90'.slice(0, -1)}1.${secret}`],
  ])('is none with %s', (_, text) => {
    expect(text).not.toBe(good);
    const parsed = parseCallbackToken(text);
    expect(parsed && callbackToken(parsed) === good).toBeFalsy();
    if (parsed) expect(callbackToken(parsed)).toBe(text);
  });
});
