import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SIGNALS } from '../../../core/index.ts';
import { json } from '../../../plugins/json/index.ts';
import { describeCases } from '../../kit/describe-cases.ts';
import { type Destination, type DestinationKind, exporterCases } from '../../kit/index.ts';

/** A file of lines. What cannot be written to now is a directory with the same name. */
const file: DestinationKind = {
  start(): Destination {
    const directory = mkdtempSync(join(tmpdir(), 'obs-json-'));
    const address = join(directory, 'events.jsonl');
    const lines = () =>
      existsSync(address) ? readFileSync(address, 'utf8').trim().split('\n').filter(Boolean) : [];
    return {
      address,
      taken: () => lines().map((line) => idOfLine(JSON.parse(line))),
      arrivals: () => lines().length,
      close: () => rmSync(directory, { recursive: true, force: true }),
    };
  },
  retryable({ address }) {
    if (existsSync(address)) renameSync(address, `${address}.aside`);
    mkdirSync(address);
    setTimeout(() => rmdirSync(address), 60);
  },
};

function idOfLine({ id, exportedSpan }: { id: string; exportedSpan?: { id: string } }): string {
  return exportedSpan?.id ?? id;
}

describeCases(
  'json',
  exporterCases({
    use: ({ address }) => json({ destination: address }),
    destination: file,
    signals: SIGNALS,
  }),
);
