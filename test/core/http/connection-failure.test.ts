import { expect } from 'chai';
import { failureKind, isBlameless } from '../../../core/delivery/outcome.ts';
import { connectionFailure } from '../../../core/http/connection-failure.ts';

const meaning = (cause: object, isAborted = false) =>
  failureKind(connectionFailure(new TypeError('fetch failed', { cause }), 'http://x/', isAborted));

describe('a failed connection', () => {
  it('is retryable where nothing can have been sent', () => {
    for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])
      expect(meaning({ code }), code).to.equal('retryable');
    for (const code of ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])
      expect(meaning({ code, syscall: 'connect' }), code).to.equal('retryable');
    const message = 'Client network socket disconnected before secure TLS connection was established';
    expect(meaning({ code: 'ECONNRESET', message })).to.equal('retryable');
  });

  it('says that nobody was there exactly where nothing can have been sent', () => {
    const isUnreachable = (cause: object) =>
      isBlameless(connectionFailure(new TypeError('fetch failed', { cause }), 'http://x/', false));
    expect(isUnreachable({ code: 'ECONNREFUSED' })).to.equal(true);
    expect(isUnreachable({ code: 'ECONNRESET' })).to.equal(false);
  });

  it('is retryable where all addresses of a name refused, and ambiguous where one did otherwise', () => {
    const refused = { code: 'ECONNREFUSED', syscall: 'connect' };
    expect(meaning({ code: 'ECONNREFUSED', errors: [refused, refused] })).to.equal('retryable');
    expect(meaning({ errors: [refused, { code: 'ECONNRESET' }] })).to.equal('ambiguous');
  });

  it('is ambiguous where the request may have arrived', () => {
    for (const code of ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT'])
      expect(meaning({ code, syscall: 'read' }), code).to.equal('ambiguous');
    expect(meaning({}), 'no code').to.equal('ambiguous');
    expect(meaning({ code: 'ECONNREFUSED' }, true), 'aborted').to.equal('ambiguous');
    for (const thrown of [null, undefined, 'text', {}])
      expect(failureKind(connectionFailure(thrown, 'x', false)), String(thrown)).to.equal('ambiguous');
  });

  it('is a fault of the destination where its certificate does not hold or it speaks something else', () => {
    const codes = [
      'CERT_HAS_EXPIRED',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'HPE_INVALID_CONSTANT',
    ];
    for (const code of codes) expect(meaning({ code }), code).to.equal('destination');
  });
});
