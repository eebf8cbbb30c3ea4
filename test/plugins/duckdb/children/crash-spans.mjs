/** The spans of a batch: one trace, with payloads that do not repeat; always the same for the same number. */
export function spansOf(batch, size, startMs) {
  const traceId = (startMs + batch).toString(16).padStart(12, '0').padEnd(32, 'c');
  return Array.from({ length: size }, (_, n) => {
    const startUnixMicro = (startMs + batch) * 1_000 + n;
    return {
      id: (n + 1).toString(16).padStart(16, '0'),
      traceId,
      name: `span ${n}`,
      type: 'generic',
      isRootSpan: n === 0,
      isEvent: false,
      seq: 2,
      status: 'ok',
      startTime: new Date(startUnixMicro / 1_000),
      startUnixMicro,
      endTime: new Date((startUnixMicro + 500) / 1_000),
      endUnixMicro: startUnixMicro + 500,
      input: Array.from({ length: 60 }, (_, k) => Math.sin(batch * 7_919 + n * 61 + k)).join(' '),
      ...(n > 0 && { parentSpanId: '0000000000000001' }),
    };
  });
}
