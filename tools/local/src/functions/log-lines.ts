import { StringDecoder } from 'node:string_decoder';

/** Characters of one log event, as CloudWatch Logs bounds it. */
const maxLine = 262_144;
const heapExhausted = /heap out of memory|Reached heap limit/i;
const dumpBegins = /^<--- (Last few GCs|JS stacktrace) --->/;

/**
 * Cuts a sandbox's output into lines. V8's report of a full heap is kept back: it is noise to the reader, and told
 * better by the error the invocation ends with.
 */
export class LogLines {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (text: string) => void;
  #rest = '';
  #inDump = false;
  #heapExhausted = false;

  constructor(onLine: (text: string) => void) {
    this.#onLine = onLine;
  }

  /** V8 said that the heap was full. */
  get heapExhausted(): boolean {
    return this.#heapExhausted;
  }

  write(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
    if (this.#rest.length > maxLine) this.end();
  }

  /** Hands out what was written without a line's end. */
  end(): void {
    if (this.#rest) this.#line(this.#rest);
    this.#rest = '';
  }

  #line(text: string): void {
    this.#inDump ||= dumpBegins.test(text);
    if (this.#inDump) this.#heapExhausted ||= heapExhausted.test(text);
    else if (text.trim()) this.#onLine(text.slice(0, maxLine));
  }
}
