import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a child posts. */
interface Posted {
  run: number;
  signal: string;
  batchId: string;
  batch: Record<string, unknown>[];
}

/** A destination that remembers everything, recognises batches by their id, and can be out of order. */
export class Judge {
  readonly #server: Server;
  /** By batch id: the events, as they came first. */
  readonly #batches = new Map<string, string>();
  /** Events that were taken, by id; recognised batches do not come here again. */
  readonly taken = new Map<string, number>();
  /** Events whose batch was answered with success, by run and signal, repetitions included. */
  readonly answered = new Map<string, number>();
  /** What must never be. */
  readonly faults: string[] = [];
  repeatedBatches = 0;
  /** Chance, from 0 to 1, of a refusal after or before a batch was taken. */
  trouble: () => boolean = () => false;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        if (this.trouble()) return void response.writeHead(503).end();
        const posted = JSON.parse(Buffer.concat(chunks).toString()) as Posted;
        this.#take(posted);
        const isForgotten = this.trouble();
        if (!isForgotten) this.#count(posted);
        response.writeHead(isForgotten ? 503 : 200).end();
      });
    });
  }

  /** Resolves with its address. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #take({ signal, batchId, batch }: Posted): void {
    const ids = batch.map((event) => this.#idOf(signal, event));
    const before = this.#batches.get(`${signal} ${batchId}`);
    if (before !== undefined) {
      this.repeatedBatches++;
      if (before !== ids.join()) this.faults.push(`batch ${batchId} came with other events`);
      return;
    }
    this.#batches.set(`${signal} ${batchId}`, ids.join());
    for (const id of ids) this.taken.set(id, (this.taken.get(id) ?? 0) + 1);
  }

  #count({ run, signal, batch }: Posted): void {
    const key = `${run} ${signal}`;
    this.answered.set(key, (this.answered.get(key) ?? 0) + batch.length);
  }

  /** The id of an event, all of which must be as it was made. */
  #idOf(
    signal: string, // biome-ignore lint/suspicious/noExplicitAny: what came is looked into, whatever it is
    event: Record<string, any>,
  ): string {
    const [id, text] =
      signal === 'logs'
        ? [event.record?.message, event.record?.data?.text]
        : signal === 'metrics'
          ? [event.labels?.id, event.description]
          : [event.score?.scorerId, event.score?.reason];
    const n = Number(String(id).split('-')[1]);
    if (text !== String(id).padEnd(40 + ((n * 131) % 700), '.'))
      this.faults.push(`torn: ${JSON.stringify(event)}`);
    return String(id);
  }
}
