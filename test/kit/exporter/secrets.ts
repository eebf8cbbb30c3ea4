import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PluginUse, Signal } from '../../../core/index.ts';
import { type ConformanceCase, caseOf } from '../conformance.ts';
import type { Destination } from '../destination.ts';
import { optionShape } from '../option-shape.ts';
import { deliver, whileRunning } from './run.ts';
import { absence, type ExporterSubject, eventsFor } from './subject.ts';

const CANARY = 'canary-7f3a91c2e8';

/** No value of an option that `secret()` marks can be read where a plugin or the host says something. */
export function secretCases<D extends Destination>(subject: ExporterSubject<D>): ConformanceCase[] {
  const [signal] = subject.signals as readonly [Signal, ...Signal[]];
  const sentence = 'no secret is in diagnostics, warnings or dead letters, whatever the destination answers';
  return [
    caseOf('secrets.canary', sentence, absence(subject, 'permanent'), () =>
      whileRunning(
        subject,
        async (running) => {
          const { destination, obs, directory, warnings } = running;
          const { events, ids } = eventsFor(subject, signal, 4);
          subject.destination.retryable?.(destination);
          subject.destination.permanent?.(destination, ids[1]!);
          await deliver(running, events);
          await obs.shutdown();
          const said = [JSON.stringify(obs.diagnostics()), ...warnings, ...filesIn(directory)];
          const found = said.filter(isTelling).map((text) => text.slice(0, 300));
          assert.deepEqual(found, [], 'a secret was said');
        },
        { use: (destination) => withCanaries(subject.use(destination)) },
      ),
    ),
  ];
}

/** The same plugin with another secret. */
function withCanaries({ use: plugin, options }: PluginUse): PluginUse {
  const secrets = optionShape(plugin.options)?.options.filter(
    ({ isSecret, path }) => isSecret && !path.includes('.'),
  );
  const canaries = secrets?.map(({ path }) => [path, CANARY]) ?? [];
  return canaries.length === 0
    ? { use: plugin, options }
    : plugin({ ...(options as object), ...Object.fromEntries(canaries) });
}

/** Plain, or inside of something in base64, as Basic credentials are. */
function isTelling(text: string): boolean {
  const decoded = (text.match(/[A-Za-z0-9+/_-]{16,}={0,2}/g) ?? []).map((part) =>
    Buffer.from(part, 'base64').toString(),
  );
  return [text, ...decoded].some((form) => form.includes(CANARY));
}

function filesIn(directory: string): string[] {
  const files = readdirSync(directory, { recursive: true }).map((name) => join(directory, String(name)));
  return files.filter((file) => statSync(file).isFile()).map((file) => readFileSync(file, 'utf8'));
}
