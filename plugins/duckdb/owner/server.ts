import { chmodSync, unlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';
import type { Access } from '../access.ts';
import { Answers } from './answers.ts';
import { encodeError } from './encoded-error.ts';
import { Frames } from './frames.ts';
import { jsonFrame, MAX_HELLO_BYTES, otherProtocol, PROTOCOL, parseHello } from './hello.ts';
import type { FileLock } from './lock.ts';
import type { Request } from './requests.ts';

/** A client that says nothing for so long is none. */
const HELLO_MS = 10_000;
/** Bytes of unanswered requests of one client; beyond, its next ones stay where they are. */
const MAX_UNANSWERED_BYTES = 64 * 1024 * 1024;
/** How long the last answers may take to reach a client that does not read. */
const LINGER_MS = 1_000;

/**
 * Lets other threads and processes use the database of its owner. It listens before the database is open, and calls
 * wait for that. It keeps no process alive.
 */
export class OwnerServer {
  readonly #lock: FileLock;
  readonly #database: string;
  readonly #access: Access;
  readonly #opened: Promise<void>;
  readonly #clients = new Set<Client>();
  readonly #server: Server = createServer((socket) => this.#serve(socket));

  constructor(database: string, lock: FileLock, access: Access, opened: Promise<void>) {
    this.#database = database;
    this.#lock = lock;
    this.#access = access;
    this.#opened = opened;
    opened.catch(() => {}); // each client is told by itself
  }

  /** True once others can connect. Where that cannot be, the owner goes on alone. */
  async listen(): Promise<boolean> {
    const { socket } = this.#lock.owner;
    const isPipe = process.platform === 'win32';
    if (!isPipe) removeStale(socket);
    const isListening = await new Promise<boolean>((resolve) => {
      this.#server.once('error', () => resolve(false));
      this.#server.listen(socket, () => resolve(true));
      this.#server.unref();
    });
    if (isListening && !isPipe) chmodSync(socket, 0o600);
    return isListening;
  }

  /** Takes no more requests, answers those it has, and lets go. Who is not answered asks the next owner. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    await Promise.all([...this.#clients].map((client) => client.close()));
    await closed;
  }

  #serve(socket: Socket): void {
    const client = new Client(socket, this.#lock.owner.token, this.#database, this.#access, this.#opened);
    this.#clients.add(client);
    socket.once('close', () => this.#clients.delete(client));
  }
}

/** One connection, on the owner's side. */
class Client {
  readonly #socket: Socket;
  readonly #frames: Frames;
  readonly #answers: Answers;
  readonly #opened: Promise<void>;
  #unansweredBytes = 0;
  #isClosing = false;
  #onFrame: (frame: Buffer) => void;

  constructor(socket: Socket, token: string, database: string, access: Access, opened: Promise<void>) {
    this.#socket = socket;
    this.#opened = opened;
    this.#frames = new Frames(socket, MAX_HELLO_BYTES, (frame) => this.#onFrame(frame));
    this.#answers = new Answers(access, (reply) => this.#frames.send(serialize(reply)));
    this.#onFrame = (frame) => void this.#meet(frame, token, database);
    const timer = setTimeout(() => socket.destroy(), HELLO_MS).unref();
    this.#socket.once('data', () => clearTimeout(timer));
    socket.unref();
    socket.on('error', () => {}); // 'close' follows
    socket.on('drain', () => this.#regulate());
    socket.once('close', () => {
      clearTimeout(timer);
      this.#answers.abandon();
    });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#answers.settled();
    if (this.#socket.destroyed) return;
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    const timer = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    this.#socket.resume().end();
    await closed;
    clearTimeout(timer);
  }

  async #meet(frame: Buffer, token: string, database: string): Promise<void> {
    const hello = parseHello(frame, token);
    if (!hello) {
      this.#socket.destroy();
      return;
    }
    this.#onFrame = () => this.#socket.destroy(); // nothing is to be said before the welcome
    try {
      if (hello.protocol !== PROTOCOL) throw otherProtocol(database, hello);
      this.#frames.send(jsonFrame({ step: 'here' }));
      await this.#opened;
    } catch (error) {
      this.#frames.send(jsonFrame({ step: 'refused', error: encodeError(error) }));
      this.#socket.end();
      return;
    }
    this.#onFrame = (request) => void this.#answer(request);
    this.#frames.trust();
    this.#frames.send(jsonFrame({ step: 'open' }));
  }

  async #answer(frame: Buffer): Promise<void> {
    if (this.#isClosing) return;
    this.#unansweredBytes += frame.length;
    try {
      const answered = this.#answers.take(deserialize(frame) as Request);
      this.#regulate();
      await answered;
    } catch {
      this.#socket.destroy(); // this is no request
    }
    this.#unansweredBytes -= frame.length;
    this.#regulate();
  }

  /** Reads on only while the client keeps up with the answers, and the database with the requests. */
  #regulate(): void {
    const isBehind = this.#unansweredBytes > MAX_UNANSWERED_BYTES || this.#socket.writableNeedDrain;
    if (isBehind && !this.#isClosing) this.#socket.pause();
    else this.#socket.resume();
  }
}

function removeStale(socket: string): void {
  try {
    unlinkSync(socket);
  } catch {
    // None was left behind.
  }
}
