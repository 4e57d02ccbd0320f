import { Started } from './started.js';

function recorded() {
  const stops: string[] = [];
  const notices: string[] = [];
  const started = new Started((line) => notices.push(line));
  const part = (name: string, stop: () => Promise<void> = async () => undefined) =>
    started.add(name, {
      stop: async () => {
        stops.push(name);
        await stop();
      },
    });
  return { started, part, stops, notices };
}

describe('stopping what was started', () => {
  it('stops the last first, each once', async () => {
    const { started, part, stops, notices } = recorded();
    part('the engine');
    part('the API');
    await Promise.all([started.stop(), started.stop()]);
    expect(stops).toEqual(['the API', 'the engine']);
    expect(notices).toEqual([]);
  });

  it('names a part that fails to stop, and stops the rest', async () => {
    const { started, part, stops, notices } = recorded();
    part('the engine');
    part('the API', async () => {
      throw new Error('its port is stuck');
    });
    await started.stop();
    expect(stops).toEqual(['the API', 'the engine']);
    expect(notices).toEqual(['the API did not stop: its port is stuck']);
  });

  it('does not wait for ever for one', async () => {
    jest.useFakeTimers();
    const { started, part, stops, notices } = recorded();
    part('the engine');
    part('the API', () => new Promise(() => undefined));
    const stopped = started.stop();
    await jest.advanceTimersByTimeAsync(5_000);
    await stopped;
    jest.useRealTimers();
    expect(stops).toEqual(['the API', 'the engine']);
    expect(notices).toEqual(['the API did not stop: not within 5 s']);
  });
});
