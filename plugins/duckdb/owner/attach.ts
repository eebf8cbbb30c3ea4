import { createConnection, type Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';
import { decodeError } from './encoded-error.ts';
import { Frames } from './frames.ts';
import { jsonFrame, MAX_HELLO_BYTES, PROTOCOL, parseWelcome } from './hello.ts';
import type { Owner } from './lock.ts';
import type { Reply } from './requests.ts';
import type { Way } from './way.ts';

/** An owner that runs answers a hello within this time; it may be busy loading DuckDB. */
const HELLO_MS = 10_000;

/**
 * Goes through the owner of a database. Resolves once the database is open there; undefined when nobody answers, or
 * somebody else than the run file says.
 * @throws what kept the owner from opening it; ObsError `OBS_STORE_BUSY` when it speaks another protocol.
 */
export async function attach(owner: Owner, onReply: (reply: Reply) => void): Promise<Way | undefined> {
  if (typeof owner.socket !== 'string') return undefined; // the run file of another release
  const socket = createConnection(owner.socket);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {}); // 'close' follows
  let onFrame: (frame: Buffer) => void = () => {};
  const frames = new Frames(socket, MAX_HELLO_BYTES, (frame) => onFrame(frame));
  const isWelcome = new Promise<boolean>((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(), HELLO_MS);
    onFrame = (frame) => {
      clearTimeout(timer);
      const welcome = parseWelcome(frame);
      if (welcome?.step === 'refused') reject(decodeError(welcome.error));
      if (welcome?.step !== 'open') return;
      onFrame = (reply) => {
        try {
          onReply(deserialize(reply) as Reply);
        } catch {
          socket.destroy(); // this is no reply
        }
      };
      resolve(true);
    };
    closed.then(() => {
      clearTimeout(timer);
      resolve(false);
    });
  });
  frames.send(jsonFrame({ token: owner.token, protocol: PROTOCOL, pid: process.pid }));
  try {
    if (!(await isWelcome)) return undefined;
  } catch (error) {
    socket.destroy();
    throw error;
  }
  frames.trust();
  return wayThrough(socket, frames, closed);
}

function wayThrough(socket: Socket, frames: Frames, closed: Promise<void>): Way {
  socket.unref();
  return {
    post: (request) => frames.send(serialize(request)),
    lost: closed,
    setBusy: (isBusy) => void (isBusy ? socket.ref() : socket.unref()),
    close: async () => {
      socket.ref().end();
      await closed;
    },
  };
}
