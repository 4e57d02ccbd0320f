import type { StackModel } from '../model.js';

/**
 * The model with the addresses that queues have on this machine. An SDK calls the host that a queue's URL names, whatever
 * endpoint it was given in its environment, so the template's URLs would lead away from here.
 *
 * @param endpointUrl without a slash at the end
 */
export function withLocalQueues(model: StackModel, endpointUrl: string): StackModel {
  const localUrl = (url: string) => `${endpointUrl}${new URL(url).pathname}`;
  const localised = (text: string) =>
    model.queues.reduce((result, { url }) => replaceUrl(result, url, localUrl(url)), text);
  const eachOf = (texts: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, localised(text)]));
  return {
    ...model,
    queues: model.queues.map((queue) => ({ ...queue, url: localUrl(queue.url) })),
    functions: model.functions.map((fn) => ({ ...fn, environment: eachOf(fn.environment) })),
    outputs: eachOf(model.outputs),
  };
}

/** One queue's name may be the beginning of another's. */
function replaceUrl(text: string, url: string, local: string): string {
  const pieces = text.split(url);
  return pieces.reduce((result, piece) =>
    /^[A-Za-z0-9_.-]/.test(piece) ? `${result}${url}${piece}` : `${result}${local}${piece}`,
  );
}
