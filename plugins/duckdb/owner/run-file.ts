import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** A Unix socket's path has a bound in the system: 104 bytes on macOS, 108 on Linux. */
const MAX_SOCKET_PATH_BYTES = 100;
/** The database whose description needs no name: it is the one of `.obs`. */
const DEFAULT_NAME = 'obs.duckdb';

/** Where the owner of a database says who it is and is reached. */
export interface RunPlace {
  /** The database, absolute and with links resolved. */
  readonly database: string;
  /** The lock of the database and the description of its owner in one. */
  readonly runFile: string;
  /** For the owner: a Unix socket, or a named pipe on Windows. Others find it in the run file. */
  readonly socket: string;
}

/** The place of a database; its run file is the same for everybody who opens it. */
export function runPlace(database: string): RunPlace {
  const name = basename(database);
  const runFile = name === DEFAULT_NAME ? 'run.json' : `${name}.run.json`;
  return { database, runFile: join(dirname(database), runFile), socket: socketFor(database) };
}

/** Where others could take a name before us, nobody can know it: it is in the run file only. */
function socketFor(database: string): string {
  const unknown = `obs-${randomBytes(12).toString('hex')}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${unknown}`;
  const beside = `${database}.sock`;
  return Buffer.byteLength(beside) <= MAX_SOCKET_PATH_BYTES ? beside : join(tmpdir(), `${unknown}.sock`);
}
