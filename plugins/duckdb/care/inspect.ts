import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type HealthProblem, type HealthReport, messageOf } from '../../../core/index.ts';
import type { DatabaseState } from '../file/database.ts';
import { bytesOf, inMegabytes, logBytesOf, logsOf, mustHaveRoom } from '../file/place.ts';
import { isSetAside } from '../file/repairs.ts';
import { SCHEMA_VERSION } from '../file/schema.ts';
import { type CareContext, readLimits } from './context.ts';
import { TABLE_NAMES, tableSizes } from './table-sizes.ts';

/** A log that grows beyond this is not folded into the file any more. */
const LARGE_LOG_BYTES = 64 * 1024 * 1024;
/** Free space that the store needs for going on. */
const NEEDED_BYTES = 64 * 1024 * 1024;

/** Looks at all that belongs to a database, and reads all that is stored. A table that cannot be read is left out. */
export async function inspect(context: CareContext): Promise<HealthReport> {
  const { database } = context;
  const { state } = database;
  const files = state.path === undefined ? [] : filesOf(state.path);
  const { tables, problems } = await readTables(context);
  return {
    path: state.path ?? database.options.path,
    schemaVersion: SCHEMA_VERSION,
    owner: { pid: process.pid, threadId, since: state.openedAt, isThisProcess: true },
    files,
    tables,
    problems: [
      ...state.problems,
      ...earlierDamage(state, files),
      ...diskProblems(state),
      ...failures(context, state),
      ...problems,
    ],
  };
}

type StoredFile = HealthReport['files'][number];

function filesOf(path: string): StoredFile[] {
  const name = basename(path);
  const logs = logsOf(path).map((log) => basename(log));
  const whatIs = (found: string): StoredFile['what'] | undefined => {
    if (found === name) return 'database';
    if (logs.includes(found)) return 'log';
    if (isSetAside(path, found)) return 'set aside';
    return found.startsWith(`${name}.v`) && found.endsWith('.bak') ? 'backup' : undefined;
  };
  return readdirSync(dirname(path))
    .sort()
    .flatMap((found) => {
      const what = whatIs(found);
      const file = join(dirname(path), found);
      return what ? [{ path: file, bytes: bytesOf(file), what }] : [];
    });
}

/** What was set aside before this opening, of which nothing else is known any more. */
function earlierDamage({ problems }: DatabaseState, files: readonly StoredFile[]): HealthProblem[] {
  return files
    .filter(({ path, what }) => what === 'set aside' && !problems.some(({ hint }) => hint.includes(path)))
    .filter(
      ({ path }) => !problems.some(({ hint }) => hint.includes(path.replace(/\.wal(\.checkpoint)?$/, ''))),
    )
    .map(({ path, bytes }) => ({
      code: 'OBS_STORE_CORRUPT',
      message: `${path} (${inMegabytes(bytes)}) was damaged and has been set aside`,
      hint: 'What it held is missing. Delete it when nobody needs it.',
    }));
}

function diskProblems({ path }: DatabaseState): HealthProblem[] {
  if (path === undefined) return [];
  const problems: HealthProblem[] = [];
  const logBytes = logBytesOf(path);
  if (logBytes > LARGE_LOG_BYTES) {
    problems.push({
      code: 'OBS_STORE_WRITE',
      message: `the log of ${path} has ${inMegabytes(logBytes)}: it is not folded into the file`,
      hint: 'Opening takes longer. Close the store once, or look for why checkpoints fail.',
    });
  }
  try {
    mustHaveRoom(path, logBytes + NEEDED_BYTES, 'folding its log into the file');
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    problems.push({
      code,
      message,
      hint: 'Make room on the disk: delete other files, or move the database.',
    });
  }
  return problems;
}

function failures({ pruneFailure }: CareContext, { checkpointFailure }: DatabaseState): HealthProblem[] {
  const problems: HealthProblem[] = [];
  if (checkpointFailure) {
    problems.push({
      code: 'OBS_STORE_WRITE',
      message: `the last checkpoint failed at ${checkpointFailure.at.toISOString()}: ${checkpointFailure.message}`,
      hint: 'Nothing is lost: the log is kept and it is tried again.',
    });
  }
  if (pruneFailure !== undefined) {
    problems.push({
      code: 'OBS_STORE_WRITE',
      message: `what is too old or too much could not be deleted: ${pruneFailure}`,
      hint: 'It is tried again every five minutes; `obs prune` shows the failure.',
    });
  }
  return problems;
}

/** Reads every value of every table: the blocks of the file have checksums. */
async function readTables(context: CareContext): Promise<Pick<HealthReport, 'tables' | 'problems'>> {
  const { database, signal, onProgress } = context;
  const tables: HealthReport['tables'] = [];
  const problems: HealthProblem[] = [];
  // Damage keeps the sizes of all tables from being told; reading one by one shows which it is.
  const sizes = await database.read(tableSizes, readLimits(context)).catch(() => undefined);
  for (const [index, name] of TABLE_NAMES.entries()) {
    try {
      const records = await database.read((connection) => readAll(connection, name), readLimits(context));
      tables.push({ name, records, bytes: sizes?.get(name)?.bytes ?? 0 });
    } catch (error) {
      signal?.throwIfAborted();
      problems.push({
        code: 'OBS_STORE_CORRUPT',
        message: `${name} cannot be read completely: ${messageOf(error)}`,
        hint: 'Keep a copy of the file. What can be read can be exported with `obs export`.',
      });
    }
    onProgress?.(index + 1, TABLE_NAMES.length);
  }
  return { tables, problems };
}

async function readAll(connection: DuckDBConnection, name: string): Promise<number> {
  const found = await connection.runAndReadAll(`SELECT count(*), bit_xor(hash(t)) FROM ${name} AS t`);
  return Number(found.getRows()[0]?.[0]);
}
