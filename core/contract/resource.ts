/** What produces the telemetry (OpenTelemetry's resource). */
export interface Resource {
  serviceName: string;
  serviceVersion?: string;
  attributes: Record<string, string>;
}
