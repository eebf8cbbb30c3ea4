/**
 * The official OTLP serializers. This file is loaded when the first request is encoded; the build bundles what it
 * names into a file of its own, so that nothing of OpenTelemetry is installed beside an application's own line of it.
 */
import { writeLongTextsNatively } from './fast-strings.ts';

export {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';

writeLongTextsNatively();
