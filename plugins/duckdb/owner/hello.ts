import { timingSafeEqual } from 'node:crypto';
import { serialize } from 'node:v8';
import { ObsError } from '../../../core/index.ts';
import type { EncodedError } from './encoded-error.ts';

/** Grows with every change of what is said after the hello. */
const PROTOCOL_VERSION = 1;

/**
 * What both sides must have in common: our messages, and the form in which this V8 writes values, whose version is the
 * second byte of each.
 */
export const PROTOCOL = `${PROTOCOL_VERSION}.${serialize(null)[1]}`;

/** Bytes of any frame of the hello. It is JSON, so that all releases understand each other's. */
export const MAX_HELLO_BYTES = 64 * 1024;

/** The first frame of a client. */
export interface Hello {
  token: string;
  protocol: string;
  pid: number;
}

/** What an owner says to a hello: first that it is there, then what came of opening the database. */
export type Welcome = { step: 'here' } | { step: 'open' } | { step: 'refused'; error: EncodedError };

/** The hello in a frame; undefined when it is none, or does not present the token. */
export function parseHello(frame: Buffer, token: string): Hello | undefined {
  const hello = parseJson<Hello>(frame);
  return typeof hello?.token === 'string' && isSame(hello.token, token) ? hello : undefined;
}

/** The welcome in a frame; undefined when it is none. */
export function parseWelcome(frame: Buffer): Welcome | undefined {
  return parseJson<Welcome>(frame);
}

/** A frame of the hello. */
export function jsonFrame(value: Hello | Welcome): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** Why a client that speaks another protocol is refused. */
export function otherProtocol(database: string, hello: Hello): ObsError {
  const ours = `process ${process.pid}, which has it open, speaks protocol ${PROTOCOL}`;
  const theirs = `process ${hello.pid} speaks protocol ${hello.protocol}`;
  return new ObsError('OBS_STORE_BUSY', `${database} cannot be shared: ${ours}, ${theirs}`, {
    hint: 'Run both with the same release of obs-kit and the same major version of Node, or stop one of them.',
  });
}

function parseJson<T>(frame: Buffer): T | undefined {
  try {
    const value: unknown = JSON.parse(frame.toString());
    return typeof value === 'object' && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
