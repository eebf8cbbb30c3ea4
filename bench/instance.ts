import {
  type BaseObservabilityInstance,
  createObs,
  definePlugin,
  type PluginHost,
  SIGNALS,
  type Signal,
} from '../core/index.ts';

/** An instance as an application has it in production, with one plugin that does what `apply` does, if any. */
export function startInstance(
  apply?: (host: PluginHost) => void,
  off: readonly Signal[] = [],
): Promise<BaseObservabilityInstance> {
  const signals = Object.fromEntries(off.map((signal) => [signal, false]));
  const plugins = apply ? { bench: pluginOf(apply) } : {};
  // What is dropped is part of a case, or a case throws.
  const warn = () => {};
  return createObs({}, { config: { signals, plugins }, env: {}, environment: 'production', warn });
}

function pluginOf(apply: (host: PluginHost) => void) {
  return definePlugin({ name: 'bench', apiVersion: 1, kind: 'exporter', signals: SIGNALS, apply });
}
