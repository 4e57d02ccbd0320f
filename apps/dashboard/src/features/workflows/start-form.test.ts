import { ApiProblemError, ApiUnreachableError } from '../../api/api-errors.js';
import { parseStartForm, startFormErrors } from './start-form.js';

describe('reading the start dialog', () => {
  it('sends nothing that was not given', () => {
    expect(parseStartForm({ workflowId: ' ', input: '\n' })).toEqual({
      kind: 'request',
      request: {},
    });
  });

  it('sends the id without the spaces around it and the input as JSON', () => {
    expect(parseStartForm({ workflowId: ' nightly ', input: '{"delayMs": 5}' })).toEqual({
      kind: 'request',
      request: { workflowId: 'nightly', input: { delayMs: 5 } },
    });
  });

  it.each(['null', '0', 'false', '""'])('takes the JSON %s for an input', (input) => {
    expect(parseStartForm({ workflowId: '', input })).toEqual({
      kind: 'request',
      request: { input: JSON.parse(input) },
    });
  });

  it('says at each field what is wrong with it, all at once', () => {
    const result = parseStartForm({ workflowId: 'a/b', input: '{"a":' });
    expect(result).toMatchObject({
      kind: 'invalid',
      errors: {
        workflowId: expect.stringContaining('letter'),
        input: expect.stringMatching(/^Not JSON/),
      },
    });
  });
});

describe('what the API says about a start', () => {
  const refused = (problem: object) =>
    startFormErrors(
      new ApiProblemError({ type: 'about:blank', title: 'Bad request', status: 400, ...problem }),
    );

  it('stands at the field it is about', () => {
    const errors = [
      { path: 'workflowId', message: 'is too long' },
      { path: 'input.rows[2]', message: 'is too deep' },
      { path: 'input', message: 'is too large' },
      { path: 'definition', message: 'is unknown' },
    ];
    expect(refused({ errors })).toEqual({
      workflowId: 'is too long',
      input: 'rows[2]: is too deep\nis too large',
      form: 'definition: is unknown',
    });
  });

  it('does not take a longer name for a field', () => {
    expect(refused({ errors: [{ path: 'inputs', message: 'is unknown' }] })).toEqual({
      form: 'inputs: is unknown',
    });
  });

  it('is about the id when the id is taken', () => {
    expect(refused({ status: 409, detail: 'nightly runs with another input' })).toEqual({
      workflowId: 'nightly runs with another input',
    });
  });

  it('is about the whole form otherwise', () => {
    expect(refused({ status: 413, title: 'Too large' })).toEqual({ form: 'Too large' });
  });

  it('does not claim that nothing started when there was no answer', () => {
    expect(startFormErrors(new ApiUnreachableError('gone')).form).toContain('not known');
  });
});
