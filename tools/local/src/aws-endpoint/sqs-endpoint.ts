/** SQS's JSON protocol, as far as sending to, looking into and emptying a queue of the template needs it. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { delay } from '../mapping/delay.js';
import type { QueueModel } from '../model.js';
import { isReceipt, MessageQueue, type ReceivedMessage } from '../queues/message-queue.js';
import type { QueueStore } from '../runtime.js';
import { systemClock, type Clock } from '../schedule/clock.js';
import type { JsonObject } from './capacity.js';
import { isSentText, sqsErrors, SqsError, type SqsAnswer } from './sqs-errors.js';

export interface SqsEndpointOptions {
  readonly queues: readonly QueueModel[];
  readonly store: QueueStore;
  readonly clock?: Clock;
}

export const SQS_TARGET = 'AmazonSQS.';
/** Bytes of a message. */
const LONGEST_MESSAGE = 1024 * 1024;
/** Milliseconds between two looks while a receiver waits: what the runtime itself sends comes past this endpoint. */
const LOOK_EVERY_MS = 100;
const DEFAULT_VISIBILITY_SECONDS = 30;

interface Addressed {
  readonly model: QueueModel;
  readonly queue: MessageQueue;
}

type Action = (request: JsonObject, origin: string) => Promise<JsonObject>;

export class SqsEndpoint {
  readonly #queues: readonly Addressed[];
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  readonly #actions: Readonly<Record<string, Action>> = {
    SendMessage: (request) => this.#send(request),
    ReceiveMessage: (request) => this.#receive(request),
    DeleteMessage: (request) => this.#delete(request),
    ChangeMessageVisibility: (request) => this.#changeVisibility(request),
    GetQueueAttributes: (request) => this.#attributes(request),
    GetQueueUrl: (request, origin) => this.#url(request, origin),
  };

  constructor({ queues, store, clock = systemClock }: SqsEndpointOptions) {
    this.#clock = clock;
    this.#queues = queues.map((model) => ({
      model,
      queue: new MessageQueue(model.arn, store, clock),
    }));
  }

  /** Ends every wait for messages. */
  close(): void {
    this.#closed.abort();
  }

  /**
   * @param target the X-Amz-Target header: `AmazonSQS.SendMessage`
   * @param origin where this endpoint is, as its caller knows it
   */
  async call(target: string, body: Buffer, origin: string): Promise<SqsAnswer> {
    const request = jsonObject(body);
    try {
      if (request === undefined) throw sqsErrors.notJson();
      const operation = target.slice(SQS_TARGET.length);
      const action = Object.hasOwn(this.#actions, operation) ? this.#actions[operation] : undefined;
      if (action === undefined) throw sqsErrors.unknownOperation(operation);
      return answer(200, await action(request, origin), request);
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      return { ...error.answer(), request: request ?? {} };
    }
  }

  async #send(request: JsonObject): Promise<JsonObject> {
    const { queue } = this.#addressed(request);
    const { MessageBody: body, DelaySeconds = 0, ...rest } = parsed(sendSchema, request);
    if (rest.MessageAttributes !== undefined) throw sqsErrors.unsupported('message attributes');
    if (Buffer.byteLength(body) > LONGEST_MESSAGE) throw sqsErrors.tooLong(LONGEST_MESSAGE);
    if (!isSentText(body)) throw sqsErrors.invalidContents();
    const id = await queue.send(body, DelaySeconds * 1000);
    return { MessageId: messageId(queue.arn, id), MD5OfMessageBody: md5(body) };
  }

  async #receive(request: JsonObject): Promise<JsonObject> {
    const { queue, model } = this.#addressed(request);
    const asked = parsed(receiveSchema, request);
    const hiddenFor = asked.VisibilityTimeout ?? visibilityOf(model);
    const until = this.#clock.now() + asked.WaitTimeSeconds * 1000;
    for (;;) {
      const found = await queue.receive(asked.MaxNumberOfMessages, hiddenFor * 1000);
      const left = until - this.#clock.now();
      if (found.length === 0 && left > 0 && !this.#closed.signal.aborted) {
        await delay(Math.min(left, LOOK_EVERY_MS), this.#clock, this.#closed.signal);
        continue;
      }
      const names = [...asked.MessageSystemAttributeNames, ...asked.AttributeNames];
      const messages = found.map((message) => shown(queue.arn, message, names));
      return messages.length > 0 ? { Messages: messages } : {};
    }
  }

  async #delete(request: JsonObject): Promise<JsonObject> {
    const { queue } = this.#addressed(request);
    await queue.delete(receiptOf(request));
    return {};
  }

  async #changeVisibility(request: JsonObject): Promise<JsonObject> {
    const { queue } = this.#addressed(request);
    const receipt = receiptOf(request);
    const { VisibilityTimeout } = parsed(visibilitySchema, request);
    if (!queue.changeVisibility(receipt, VisibilityTimeout * 1000)) throw sqsErrors.notInFlight();
    return {};
  }

  async #attributes(request: JsonObject): Promise<JsonObject> {
    const { queue, model } = this.#addressed(request);
    const { visible, inFlight, delayed } = await queue.counts();
    const all: Readonly<Record<string, string>> = {
      QueueArn: model.arn,
      ApproximateNumberOfMessages: String(visible),
      ApproximateNumberOfMessagesNotVisible: String(inFlight),
      ApproximateNumberOfMessagesDelayed: String(delayed),
      VisibilityTimeout: String(visibilityOf(model)),
    };
    const { AttributeNames } = parsed(attributesSchema, request);
    if (AttributeNames.includes('All')) return { Attributes: all };
    const unknown = AttributeNames.find((name) => !Object.hasOwn(all, name));
    if (unknown !== undefined) throw sqsErrors.unknownAttribute(unknown);
    return AttributeNames.length === 0
      ? {}
      : { Attributes: Object.fromEntries(AttributeNames.map((name) => [name, all[name]])) };
  }

  async #url(request: JsonObject, origin: string): Promise<JsonObject> {
    const { QueueName } = parsed(urlSchema, request);
    const found = this.#queues.find(({ model }) => model.name === QueueName);
    if (found === undefined) throw sqsErrors.noQueue();
    return { QueueUrl: `${origin}${pathOf(found.model)}` };
  }

  /** By account and name, whatever host the URL names: a client may hold the one of the template or ours. */
  #addressed(request: JsonObject): Addressed {
    const { QueueUrl } = parsed(addressSchema, request);
    const path = URL.canParse(QueueUrl) ? new URL(QueueUrl).pathname : '';
    const found = this.#queues.find(({ model }) => pathOf(model) === path);
    if (found === undefined) throw sqsErrors.noQueue();
    return found;
  }
}

const seconds = (most: number) => z.int().min(0).max(most);
const names = z.array(z.string()).default([]);
const LONGEST_VISIBILITY = 43_200;

const addressSchema = z.object({ QueueUrl: z.string() });
const sendSchema = z.object({
  MessageBody: z.string().min(1),
  DelaySeconds: seconds(900).optional(),
  MessageAttributes: z.unknown().optional(),
});
const receiveSchema = z.object({
  MaxNumberOfMessages: z.int().min(1).max(10).default(1),
  VisibilityTimeout: seconds(LONGEST_VISIBILITY).optional(),
  WaitTimeSeconds: seconds(20).default(0),
  MessageSystemAttributeNames: names,
  AttributeNames: names,
});
const receiptSchema = z.object({ ReceiptHandle: z.string() });
const visibilitySchema = z.object({ VisibilityTimeout: seconds(LONGEST_VISIBILITY) });
const attributesSchema = z.object({ AttributeNames: names });
const urlSchema = z.object({ QueueName: z.string() });

/** @throws SqsError that names the first parameter that is missing or wrong */
function parsed<T>(schema: z.ZodType<T>, request: JsonObject): T {
  const { data, error } = schema.safeParse(request);
  if (error === undefined) return data;
  const [issue] = error.issues;
  const name = String(issue?.path[0]);
  const given = request[name];
  if (given === undefined || given === '') throw sqsErrors.missing(name);
  throw sqsErrors.invalidValue(name, given, issue?.message ?? '');
}

function receiptOf(request: JsonObject): string {
  const { ReceiptHandle } = parsed(receiptSchema, request);
  if (!isReceipt(ReceiptHandle)) throw sqsErrors.invalidReceipt(ReceiptHandle);
  return ReceiptHandle;
}

function shown(arn: string, message: ReceivedMessage, wanted: readonly string[]): JsonObject {
  const attributes = {
    SenderId: '000000000000',
    SentTimestamp: String(message.sentAt),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ApproximateReceiveCount: String(message.receiveCount),
  };
  const asked = Object.entries(attributes).filter(
    ([name]) => wanted.includes('All') || wanted.includes(name),
  );
  return {
    MessageId: messageId(arn, message.id),
    ReceiptHandle: message.receipt,
    Body: message.body,
    MD5OfBody: md5(message.body),
    ...(asked.length > 0 && { Attributes: Object.fromEntries(asked) }),
  };
}

const visibilityOf = ({ visibilityTimeoutSeconds }: QueueModel) =>
  visibilityTimeoutSeconds ?? DEFAULT_VISIBILITY_SECONDS;

/** `/000000000000/name` */
function pathOf({ arn }: QueueModel): string {
  const [, , , , account, name] = arn.split(':');
  return `/${account}/${name}`;
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** In the shape of SQS's, and the same whenever the message is seen. */
function messageId(arn: string, id: string): string {
  return md5(`${arn}/${id}`).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function answer(statusCode: number, body: JsonObject, request: JsonObject): SqsAnswer {
  const headers = { 'content-type': 'application/x-amz-json-1.0' };
  return { statusCode, headers, body: JSON.stringify(body), request };
}

function jsonObject(body: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
