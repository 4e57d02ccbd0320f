/** Takes messages into its hands for as long as it looks at them, and lets go of what it did not delete. */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { CliError, EXIT } from './exit-code.js';
import { readFailure, type Failure } from './failure-queue-message.js';

export interface HolderOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly interrupted: AbortSignal;
  /** Seconds after which the queue shows again what this process did not live to let go. */
  readonly holdSeconds: number;
}

export interface Held {
  readonly failures: readonly Failure[];
  /** There are more than were taken. */
  readonly more: boolean;
  /** Messages in somebody else's hands. */
  readonly inOtherHands: number;
}

/** Messages taken at once, at most: a queue lets 120,000 be held, and a person reads fewer. */
const MOST = 1_000;
/** Messages in one answer, as SQS bounds it. */
const PAGE = 10;
/** Seconds; a receiver that waits asks all servers of the queue and not a few, so nothing comes only when nothing is there. */
const WAIT = 1;

export class FailureQueueHolder {
  readonly #receipts = new Map<string, string>();

  constructor(private readonly is: HolderOptions) {}

  /** @throws CliError when the queue cannot be read; what was taken until then is let go */
  async takeAll(): Promise<Held> {
    try {
      const inOtherHands = await this.#inFlight();
      const failures: Failure[] = [];
      let page: readonly Message[] = [];
      do {
        page = await this.#receive();
        failures.push(...page.flatMap((message) => this.#take(message)));
      } while (page.length > 0 && failures.length < MOST);
      return { failures, more: page.length > 0, inOtherHands };
    } catch (cause) {
      await this.letGo();
      if (this.is.interrupted.aborted) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new CliError(EXIT.noAnswer, `the failure queue cannot be read: ${why}`, { cause });
    }
  }

  async delete(messageId: string): Promise<void> {
    const ReceiptHandle = this.#receipts.get(messageId);
    await this.is.client.send(
      new DeleteMessageCommand({ QueueUrl: this.is.queueUrl, ReceiptHandle }),
    );
    this.#receipts.delete(messageId);
  }

  /** Shows again what is still held: the next who looks sees it at once. After Ctrl-C as well. */
  async letGo(): Promise<void> {
    const receipts = [...this.#receipts.values()];
    this.#receipts.clear();
    for (let at = 0; at < receipts.length; at += PAGE)
      await Promise.all(receipts.slice(at, at + PAGE).map((receipt) => this.#show(receipt)));
  }

  /** What cannot be shown now shows itself when its time is over. */
  async #show(ReceiptHandle: string): Promise<void> {
    const { client, queueUrl: QueueUrl } = this.is;
    await client
      .send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }))
      .catch(() => undefined);
  }

  async #inFlight(): Promise<number> {
    const { Attributes } = await this.is.client.send(
      new GetQueueAttributesCommand({
        QueueUrl: this.is.queueUrl,
        AttributeNames: ['ApproximateNumberOfMessagesNotVisible'],
      }),
      { abortSignal: this.is.interrupted },
    );
    return Number(Attributes?.['ApproximateNumberOfMessagesNotVisible'] ?? 0);
  }

  async #receive(): Promise<readonly Message[]> {
    const { Messages } = await this.is.client.send(
      new ReceiveMessageCommand({
        QueueUrl: this.is.queueUrl,
        MaxNumberOfMessages: PAGE,
        VisibilityTimeout: this.is.holdSeconds,
        WaitTimeSeconds: WAIT,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
      { abortSignal: this.is.interrupted },
    );
    return Messages ?? [];
  }

  /** A queue may give a message twice; the later receipt is the one that counts. */
  #take({ MessageId = '', Body = '', ReceiptHandle = '', Attributes }: Message): Failure[] {
    const isNew = !this.#receipts.has(MessageId);
    this.#receipts.set(MessageId, ReceiptHandle);
    const receiveCount = Number(Attributes?.ApproximateReceiveCount ?? 1);
    return isNew ? [readFailure({ messageId: MessageId, body: Body, receiveCount })] : [];
  }
}
