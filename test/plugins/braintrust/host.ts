import type { DeliveryOptions, ObservabilityEvent, Plugin } from '../../../core/index.ts';
import { type BraintrustOptions, braintrust } from '../../../plugins/braintrust/index.ts';
import { braintrustOptions } from '../../../plugins/braintrust/options.ts';
import { type ConfigPatch, createTestHost, type TestHost } from '../../kit/host.ts';
import { API_KEY } from './server.ts';

/** Delivery as it is configured, with waits that a test does not notice. */
const FAST = { maxDelayMs: 5, retry: { initialDelayMs: 1, probeMs: 5 } };

/** A test host that takes events made elsewhere. */
export type BraintrustHost = TestHost & { ingest(events: readonly ObservabilityEvent[]): Promise<unknown> };

/** A host whose only plugin, entry `cloud`, sends to a URL; not started. Its warnings are in `warnings`. */
export function braintrustHost(
  apiUrl: string,
  options: BraintrustOptions = {},
  delivery: DeliveryOptions = {},
  config: ConfigPatch = {},
): BraintrustHost {
  const resolved = braintrustOptions.parse({ apiUrl, apiKey: API_KEY, ...options });
  const entry = {
    plugin: braintrust as unknown as Plugin,
    options: resolved,
    delivery: { ...FAST, ...delivery, retry: { ...FAST.retry, ...delivery.retry } },
  };
  const host = createTestHost({ config, plugins: { cloud: entry } });
  return { ...host, ingest: (events) => host.wired.bus.ingest(events) };
}
