import { createTestHost, type TestHost, type TestHostOptions } from './host.ts';
import { createRecording, type Recording } from './recording.ts';

/** A test host with a recording plugin, entry `recording`, behind the plugins of the options; its events by signal. */
export type RecordedHost = TestHost & { recording: Recording } & Recording['events'];

/** An instance whose events a test can look at as soon as they are emitted. */
export function createRecordedHost(options: TestHostOptions = {}): RecordedHost {
  const recording = createRecording();
  const plugins = { ...options.plugins, recording: recording.plugin };
  return { ...createTestHost({ ...options, plugins }), recording, ...recording.events };
}
