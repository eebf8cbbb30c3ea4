import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import fc from 'fast-check';
import { bytesOf, DEFAULT_LIMITS, deepFreeze, Snapshot, withBytes } from '../../../core/snapshot/snapshot.ts';

/** The copy of a value and what the snapshot says about it. */
function take(value: unknown, limits: Partial<typeof DEFAULT_LIMITS> = {}) {
  const snapshot = new Snapshot({ ...DEFAULT_LIMITS, ...limits });
  const copy = snapshot.take(value, 'x') as never;
  return { copy, cuts: snapshot.cuts, bytes: snapshot.bytes };
}

const copyOf = (value: unknown): unknown => take(value).copy;

/** No case may hold the loop; a slow machine is granted ten times what is measured. */
function quickly<R>(fn: () => R, limitMs = 1_000): R {
  const startedAt = performance.now();
  const result = fn();
  expect(performance.now() - startedAt, 'milliseconds').to.be.below(limitMs);
  return result;
}

function nested(depth: number, wrap: (inner: unknown) => unknown, core: unknown = 'core'): unknown {
  let value = core;
  for (let i = 0; i < depth; i++) value = wrap(value);
  return value;
}

describe('Snapshot', () => {
  describe('of plain data', () => {
    it('is an equal copy that shares nothing with the original', () => {
      const original = { text: 'a', list: [1, { deep: true }], nothing: null, empty: {}, none: [] };
      const { copy, cuts } = take(original);
      expect(copy).to.deep.equal(original);
      expect(cuts).to.deep.equal([]);
      expect(objectsIn(copy).filter((object) => objectsIn(original).includes(object))).to.deep.equal([]);
    });

    it('follows no later change of the original', () => {
      const original = { list: [1] };
      const copy = copyOf(original);
      original.list.push(2);
      expect(copy).to.deep.equal({ list: [1] });
    });

    it('leaves undefined out of objects and keeps the place in arrays, as JSON does', () => {
      expect(copyOf({ a: undefined, b: 1 })).to.deep.equal({ b: 1 });
      expect(copyOf([undefined, 1])).to.deep.equal([null, 1]);
      expect(copyOf(new Array(2))).to.deep.equal([null, null]);
      expect(copyOf(undefined)).to.equal(undefined);
    });

    it('copies one object twice where it is referred to twice', () => {
      const shared = { a: 1 };
      const copy = copyOf([shared, shared]) as object[];
      expect(copy).to.deep.equal([{ a: 1 }, { a: 1 }]);
      expect(copy[0]).not.to.equal(copy[1]);
    });
  });

  describe('of values that JSON does not have', () => {
    const CASES: [what: string, value: unknown, copy: unknown][] = [
      ['NaN and infinities as text', [Number.NaN, Infinity, -Infinity], ['NaN', 'Infinity', '-Infinity']],
      ['minus zero as zero', [-0], [0]],
      ['integers of any size as text', { n: 12345678901234567890n }, { n: '12345678901234567890' }],
      ['symbols by their description', { s: Symbol('q') }, { s: 'Symbol(q)' }],
      ['functions by their name', [function f() {}, class A {}], ['[function f]', '[function A]']],
      ['functions without a name', { f: (() => () => {})() }, { f: '[function anonymous]' }],
      [
        'dates as ISO text',
        [new Date(0), new Date(Number.NaN)],
        ['1970-01-01T00:00:00.000Z', 'Invalid Date'],
      ],
      [
        'maps as objects',
        new Map<unknown, unknown>([
          ['a', 1],
          [2, new Map([['b', 3]])],
        ]),
        { 2: { b: 3 }, a: 1 },
      ],
      ['keys of maps that are no text', new Map([[Object.create(null), 1]]), { '[unreadable]': 1 }],
      ['sets as arrays', new Set([1, 'a', new Set([2])]), [1, 'a', [2]]],
      [
        'bytes by their number',
        [Buffer.from('hi'), new Uint16Array(3), new ArrayBuffer(8)],
        ['[Buffer 2 bytes]', '[Uint16Array 6 bytes]', '[ArrayBuffer 8 bytes]'],
      ],
      [
        'addresses and patterns as text',
        [new URL('https://a.example/b?c=d'), new URLSearchParams('a=1'), /x/g],
        ['https://a.example/b?c=d', 'a=1', '/x/g'],
      ],
      [
        'boxed values as plain ones',
        [Object('x'), Object(5), Object(1n), Object(false)],
        ['x', 5, '1', false],
      ],
      [
        'instances by their own fields',
        new (class Point {
          x = 1;
          #y = 2;
          get y() {
            return this.#y;
          }
        })(),
        { x: 1 },
      ],
      ['objects without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
      [
        'objects of another realm',
        runInNewContext('({ d: new Date(0), m: new Map([[1, 2]]), l: [new Set([3])] })'),
        { d: '1970-01-01T00:00:00.000Z', m: { 1: 2 }, l: [[3]] },
      ],
    ];
    for (const [what, value, copy] of CASES) {
      it(`shows ${what}`, () => {
        expect(copyOf(value)).to.deep.equal(copy);
      });
    }

    it('keeps name, message, stack, cause, inner errors and own fields of an error', () => {
      const error = Object.assign(
        new AggregateError([new Error('inner')], 'outer', { cause: new TypeError('why') }),
        { code: 'E1' },
      );
      const copy = copyOf(error) as Record<string, never>;
      expect(copy).to.include({ name: 'AggregateError', message: 'outer', code: 'E1', stack: error.stack });
      expect(copy['cause']).to.include({ name: 'TypeError', message: 'why' });
      expect(copy['errors']).to.have.length(1).and.to.have.nested.property('0.message', 'inner');
    });

    it('keeps an error of another realm, and one of whose fields throws', () => {
      expect(copyOf(runInNewContext('new RangeError("foreign")'))).to.include({
        name: 'RangeError',
        message: 'foreign',
      });
      const error = Object.defineProperty(new Error('kept'), 'bad', { enumerable: true, get: fail });
      expect(copyOf(error)).to.include({ message: 'kept', bad: '[unreadable]' });
    });

    it('replaces lone surrogates in values and keys, so that the text survives UTF-8', () => {
      expect(copyOf({ '\ud800k': 'a\udc00b😀' })).to.deep.equal({ '\ufffdk': 'a\ufffdb😀' });
    });

    it('renames keys that could reach a prototype', () => {
      const copy = copyOf(JSON.parse('{"__proto__":{"polluted":1},"constructor":2,"prototype":3}')) as object;
      expect(Object.entries(copy)).to.deep.equal([
        ['___proto__', { polluted: 1 }],
        ['_constructor', 2],
        ['_prototype', 3],
      ]);
      expect(Object.getPrototypeOf(copy)).to.equal(Object.prototype);
      expect(copyOf(new Map([['__proto__', 1]]))).to.deep.equal({ ___proto__: 1 });
    });
  });

  describe('of objects with toJSON', () => {
    it('is of what toJSON gives, in plain objects too, so that a masked value stays masked', () => {
      class Secret {
        value = 'hunter2';
        toJSON() {
          return { masked: true };
        }
      }
      const literal = { value: 'hunter2', toJSON: () => '[masked]' };
      expect(copyOf([new Secret(), literal])).to.deep.equal([{ masked: true }, '[masked]']);
    });

    it('is of the fields where toJSON gives the object itself', () => {
      class Self {
        a = 1;
        toJSON() {
          return this;
        }
      }
      expect(copyOf(new Self())).to.deep.equal({ a: 1 });
    });

    it('marks an object whose toJSON throws, and ends where it never ends', () => {
      class Endless {
        toJSON(): unknown {
          return new Endless();
        }
      }
      const { copy, cuts } = take({ bad: { toJSON: fail }, endless: new Endless(), good: 1 });
      expect(copy).to.deep.equal({ bad: '[unreadable]', endless: '[too deep]', good: 1 });
      expect(cuts).to.deep.equal([
        { path: 'x.bad', reason: 'unreadable' },
        { path: 'x.endless', reason: 'depth' },
      ]);
    });
  });

  describe('of hostile objects', () => {
    it('marks circles where they close', () => {
      const circular: Record<string, unknown> = { a: 1 };
      circular['self'] = circular;
      circular['list'] = [{ back: circular }];
      const map = new Map<string, unknown>();
      map.set('self', map);
      const { copy, cuts } = take({ circular, map });
      expect(copy).to.deep.equal({
        circular: { a: 1, self: '[circular]', list: [{ back: '[circular]' }] },
        map: { self: '[circular]' },
      });
      expect(cuts.map(({ path, reason }) => `${reason} ${path}`)).to.deep.equal([
        'circular x.circular.self',
        'circular x.circular.list.0.back',
        'circular x.map.self',
      ]);
    });

    it('loses only the field whose getter throws', () => {
      const { copy, cuts } = take({
        before: 1,
        get bad() {
          return fail();
        },
        after: 2,
      });
      expect(copy).to.deep.equal({ before: 1, bad: '[unreadable]', after: 2 });
      expect(cuts).to.deep.equal([{ path: 'x.bad', reason: 'unreadable' }]);
    });

    it('counts the levels right again behind objects that threw while they were read', () => {
      const hurting = Array(20).fill(new Proxy({}, { getPrototypeOf: fail }));
      const deep = nested(11, (inner) => [inner]);
      const { copy, cuts } = take([...hurting, deep]);
      expect(copy).to.deep.equal([...Array(20).fill('[unreadable]'), deep]);
      expect(cuts.filter(({ reason }) => reason !== 'unreadable')).to.deep.equal([]);
    });

    for (const trap of [
      'get',
      'has',
      'ownKeys',
      'getPrototypeOf',
      'getOwnPropertyDescriptor',
      'isExtensible',
      'set',
      'defineProperty',
      'deleteProperty',
      'preventExtensions',
      'setPrototypeOf',
      'apply',
      'construct',
    ] as const) {
      it(`never lets a Proxy throw through whose ${trap} trap does`, () => {
        for (const target of [{ a: 1 }, [1], () => {}, new Map([[1, 2]]), new Error('e'), new Date(0)]) {
          const proxy = new Proxy(target as object, { [trap]: fail });
          const { copy } = take({ before: 1, proxy, after: 2 });
          expect(copy).to.include({ before: 1, after: 2 });
          expectJsonSafe(copy);
        }
      });
    }

    it('marks what stands behind a revoked Proxy', () => {
      for (const target of [{}, [], () => {}]) {
        const { proxy, revoke } = Proxy.revocable(target as object, {});
        revoke();
        expect(copyOf({ proxy, b: 1 })).to.deep.equal({ proxy: '[unreadable]', b: 1 });
        expect(copyOf(proxy)).to.equal('[unreadable]');
      }
    });

    it('bounds an array whose length is a lie', () => {
      for (const length of [1e9, Infinity, '4000', { valueOf: () => 4_000 }]) {
        const liar = new Proxy([], { get: (_, key) => (key === 'length' ? length : 1) });
        const { copy, cuts } = take(liar);
        expect(copy).to.have.length(1_000);
        expect(cuts[0]).to.include({ reason: 'items' }).and.to.have.property('size').that.is.a('number');
        expectJsonSafe(cuts);
      }
      for (const length of [Number.NaN, -1, Symbol('no'), 5n])
        expectJsonSafe(copyOf({ liar: new Proxy([], { get: (_, key) => (key === 'length' ? length : 1) }) }));
    });

    it('can be used again after values that threw at the top', () => {
      const snapshot = new Snapshot();
      for (let i = 0; i < 12; i++)
        expect(snapshot.take(new Proxy({}, { getPrototypeOf: fail }), 'a')).to.equal('[unreadable]');
      expect(snapshot.take({ b: 1 }, 'b')).to.deep.equal({ b: 1 });
      expect(snapshot.cuts.at(-1)).to.deep.equal({ path: 'a', reason: 'unreadable' });
    });
  });

  describe('of large values', () => {
    it('cuts a string of 50 MB to the limit of a value and says how long it was', () => {
      const text = 'x'.repeat(50_000_000);
      const { copy, cuts, bytes } = quickly(() => take({ text }));
      expect(copy).to.deep.equal({ text: 'x'.repeat(256_000) });
      expect(cuts).to.deep.equal([{ path: 'x.text', reason: 'bytes', size: 50_000_000 }]);
      expect(bytes).to.be.within(256_000, 256_100);
    });

    it('cuts by bytes and between characters', () => {
      const cutAt = (text: string, maxValueBytes: number) => take(text, { maxValueBytes }).copy;
      expect(cutAt('aé', 2)).to.equal('a');
      expect(cutAt('aé', 3)).to.equal('aé');
      expect(cutAt('a€b', 3)).to.equal('a');
      expect(cutAt('a😀', 4)).to.equal('a');
      expect(cutAt('😀😀', 7)).to.equal('😀');
      expect(cutAt('ab\ud83d', 2)).to.equal('ab');
      expect(cutAt('é'.repeat(1_000), 999)).to.equal('é'.repeat(499));
      expect(take('é'.repeat(600), { maxValueBytes: 1_000 }).cuts).to.deep.equal([
        { path: 'x', reason: 'bytes', size: 1_200 },
      ]);
      expect(take('é'.repeat(500), { maxValueBytes: 1_000 }).cuts).to.deep.equal([]);
    });

    it('ends at twelve levels of a nest of a million', () => {
      for (const wrap of [(inner: unknown) => ({ inner }), (inner: unknown) => [inner]]) {
        const deep = nested(1_000_000, wrap);
        const { copy, cuts } = quickly(() => take(deep));
        expect(copy).to.deep.equal(nested(12, wrap, '[too deep]'));
        expect(cuts).to.have.length(1);
        expect(cuts[0]).to.deep.equal({
          path: `x${(Array.isArray(copy) ? '.0' : '.inner').repeat(12)}`,
          reason: 'depth',
        });
      }
    });

    it('keeps twelve levels whole', () => {
      const deep = nested(12, (inner) => ({ inner }));
      expect(take(deep)).to.deep.include({ copy: deep, cuts: [] });
    });

    it('keeps the first 128 of a million keys and says how many there were', () => {
      const wide: Record<string, number> = {};
      for (let i = 0; i < 1_000_000; i++) wide[`k${i}`] = i;
      // Nearly all of the time goes into listing the keys, which a program cannot do in part.
      const { copy, cuts } = quickly(() => take(wide), 5_000);
      expect(copy).to.deep.equal(Object.fromEntries(Array.from({ length: 128 }, (_, i) => [`k${i}`, i])));
      expect(cuts).to.deep.equal([{ path: 'x', reason: 'keys', size: 1_000_000 }]);
    });

    it('looks only once through a wide object to which many items refer', () => {
      let listed = 0;
      const wide = Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`k${i}`, i]));
      const watched = new Proxy(wide, {
        ownKeys: (target) => {
          listed++;
          return Reflect.ownKeys(target);
        },
      });
      const snapshot = new Snapshot();
      const copy = snapshot.take(Array(20).fill(watched), 'x') as object[];
      expect(listed).to.equal(1);
      expect(Object.keys(copy[19]!)).to.have.length(128);
      expect(snapshot.cuts[1]).to.deep.equal({ path: 'x.1', reason: 'keys', size: 129 });
      snapshot.take(watched, 'y');
      expect(listed, 'nothing of it is kept').to.equal(2);
    });

    it('keeps the first thousand items of arrays and sets, the first 128 entries of maps, reading no further', () => {
      const numbers = Array.from({ length: 200_000 }, (_, i) => i);
      const map = new Map(numbers.map((i) => [i, i]));
      const set = new Set(numbers);
      const { copy, cuts } = quickly(() => take({ numbers, set, map }), 500);
      const start = numbers.slice(0, 1_000);
      const entries = Object.fromEntries(numbers.slice(0, 128).map((i) => [i, i]));
      expect(copy).to.deep.equal({ numbers: start, set: start, map: entries });
      expect(cuts).to.deep.equal([
        { path: 'x.numbers', reason: 'items', size: 200_000 },
        { path: 'x.set', reason: 'items', size: 200_000 },
        { path: 'x.map', reason: 'keys', size: 200_000 },
      ]);
    });

    it('reads no further in maps and sets than it keeps', () => {
      let read = 0;
      class Watched extends Set<number> {
        override *[Symbol.iterator](): SetIterator<number> {
          for (const value of super[Symbol.iterator]()) {
            read++;
            yield value;
          }
          return undefined;
        }
      }
      class WatchedMap extends Map<number, number> {
        override *[Symbol.iterator](): MapIterator<[number, number]> {
          for (const entry of super[Symbol.iterator]()) {
            read++;
            yield entry;
          }
          return undefined;
        }
      }
      const many = Array.from({ length: 5_000 }, (_, i) => i);
      take(new Watched(many));
      expect(read).to.be.within(1_000, 1_001);
      read = 0;
      take(new WatchedMap(many.map((i) => [i, i])));
      expect(read).to.be.within(128, 129);
    });

    it('does not spell out an integer of a million digits', () => {
      const huge = 1n << 3_000_000n;
      const { copy, cuts } = quickly(() => take({ huge, minus: -huge }));
      expect(copy).to.deep.equal({ huge: '[huge integer]', minus: '[huge integer]' });
      expect(cuts[0]).to.deep.equal({ path: 'x.huge', reason: 'bytes' });
      expect(copyOf(1n << 60_000n)).to.have.length(18_062);
    });

    it('shortens a key of megabytes, and the path that names it', () => {
      const key = 'k'.repeat(5_000_000);
      const { copy, cuts } = quickly(() => take({ [key]: 'x'.repeat(300_000), b: 1 }));
      expect(Object.keys(copy)).to.deep.equal(['k'.repeat(1_024), 'b']);
      expect(cuts.map(({ path }) => path.length)).to.deep.equal([1_024, 1_024]);
      expect(cuts.map(({ size }) => size)).to.deep.equal([300_000, 5_000_000]);
    });

    it('replaces lone surrogates in the paths of cuts', () => {
      expect(take({ '\ud800': 'xx' }, { maxValueBytes: 1 }).cuts).to.deep.equal([
        { path: 'x.\ufffd', reason: 'bytes', size: 2 },
      ]);
    });
  });

  describe('of an event as a whole', () => {
    it('stops at the limit of the event and names where', () => {
      const values = Array.from({ length: 20 }, () => 'x'.repeat(200_000));
      const { copy, cuts, bytes } = take({ values, later: { a: 1 }, last: 1 });
      const kept = (copy as { values: string[] }).values;
      expect(kept).to.have.length(10);
      expect(kept.at(-1)!.length).to.be.within(199_000, 200_000);
      expect(copy).to.have.all.keys('values');
      expect(bytes).to.be.within(1_999_900, 2_000_100);
      expect(cuts).to.deep.equal([
        { path: 'x.values.9', reason: 'bytes', size: 200_000 },
        { path: 'x.values', reason: 'bytes', size: 20 },
        { path: 'x', reason: 'bytes', size: 3 },
      ]);
    });

    it('keeps the key of the value at which the limit is reached', () => {
      const { copy } = take({ key: 'x'.repeat(100) }, { maxEventBytes: 60 });
      expect(Object.keys(copy)).to.deep.equal(['key']);
    });

    it('counts over all values that it takes', () => {
      const snapshot = new Snapshot({ ...DEFAULT_LIMITS, maxEventBytes: 100 });
      expect(snapshot.take('x'.repeat(90), 'a')).to.have.length(90);
      expect(snapshot.take('x'.repeat(90), 'b')).to.have.length(10);
      expect(snapshot.take({ c: 1 }, 'c')).to.equal('[cut]');
      expect(snapshot.cuts.map(({ path }) => path)).to.deep.equal(['b', 'c']);
    });

    it('counts text that is not Latin by its bytes', () => {
      const { copy, bytes } = take(Array.from({ length: 500 }, () => '語'.repeat(4_000)));
      expect(Buffer.byteLength(JSON.stringify(copy))).to.be.below(2_010_000);
      expect(bytes).to.be.within(1_999_000, 2_001_000);
    });

    it('is bounded although it is made of nothing but empty parts', () => {
      for (const nothing of [null, '', undefined, {}, [], { a: undefined }]) {
        const rows = Array(1_000).fill(Array(1_000).fill(nothing));
        const { copy, cuts } = quickly(() => take(Array(100).fill(rows)), 3_000);
        expect(JSON.stringify(copy).length, JSON.stringify(nothing)).to.be.below(4_000_000);
        expect(cuts.some(({ reason }) => reason === 'bytes')).to.equal(true);
      }
    });

    it('counts objects, entries and keys, however little is in them', () => {
      expect(take({}).bytes).to.equal(16);
      expect(take([{}, []]).bytes).to.equal(3 * 16 + 2 * 3);
      expect(take({ abc: 1, d: undefined }).bytes).to.equal(16 + 2 * 3 + 'abc'.length + 8);
    });

    it('has about as many bytes as its JSON', () => {
      const value = {
        name: 'lookup',
        input: [{ role: 'user', content: 'where is my order '.repeat(50) }],
        n: 17,
      };
      const { bytes } = take(value);
      expect(bytes).to.be.within(JSON.stringify(value).length * 0.9, JSON.stringify(value).length * 1.1);
    });

    it('names at most sixteen places', () => {
      expect(take(Array(100).fill('xxxx'), { maxValueBytes: 3 }).cuts).to.have.length(16);
    });
  });

  it('makes text of any value', () => {
    const snapshot = new Snapshot();
    const texts = ['plain', 5, null, undefined, { a: 1n }, [Symbol('s')]].map((value) =>
      snapshot.text(value, 'x'),
    );
    expect(texts).to.deep.equal(['plain', '5', 'null', 'undefined', '{"a":"1"}', '["Symbol(s)"]']);
    expect(snapshot.text(new Proxy({}, { ownKeys: fail }), 'x')).to.equal('[unreadable]');
  });

  it('never throws, and what it gives survives JSON, whatever it is given', () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      withTypedArray: true,
      stringUnit: 'binary',
    });
    const hostile = fc.oneof(
      { weight: 4, arbitrary: anything },
      anything.map((value) => ({ toJSON: () => value })),
      anything.map((value) => new Proxy(Object(value), { ownKeys: fail })),
      fc.record({ error: fc.string().map((message) => new Error(message)), rest: anything }),
    );
    const limits = fc.record({
      maxValueBytes: fc.integer({ min: 0, max: 50 }),
      maxEventBytes: fc.integer({ min: 0, max: 500 }),
      maxDepth: fc.integer({ min: 0, max: 5 }),
      maxKeys: fc.integer({ min: 0, max: 5 }),
      maxItems: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(hostile, fc.option(limits, { nil: DEFAULT_LIMITS }), (value, chosen) => {
        const { copy, cuts } = take(value, chosen);
        expectJsonSafe(copy);
        expectJsonSafe(cuts);
        const shared = objectsIn(copy).filter((object) => objectsIn(value).includes(object));
        expect(shared).to.deep.equal([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('bytesOf', () => {
  it('is what was noted, with room for ids and times', () => {
    expect(bytesOf(withBytes({ type: 'log' }, 1_000))).to.equal(1_200);
  });

  it('survives a copy by spreading and stays out of JSON and clones', () => {
    const event = withBytes({ type: 'log' }, 1_000);
    expect(bytesOf({ ...event, more: 1 })).to.equal(1_200);
    expect(JSON.stringify(event)).to.equal('{"type":"log"}');
    expect(Object.keys(structuredClone(event))).to.deep.equal(['type']);
  });

  it('is the length of the JSON for an event made elsewhere, and never throws', () => {
    expect(bytesOf({ a: 'x'.repeat(90) })).to.equal(298);
    expect(bytesOf({ a: 1n })).to.equal(200);
    expect(bytesOf({ toJSON: () => undefined })).to.equal(200);
  });
});

describe('deepFreeze', () => {
  it('freezes every level, below what is frozen already too', () => {
    const inner = { list: [{ a: 1 }] };
    const event = deepFreeze({ frozen: Object.freeze({ inner }), time: new Date(0) });
    for (const object of objectsIn(event)) expect(Object.isFrozen(object)).to.equal(true);
    expect(() => inner.list.push({ a: 2 })).to.throw(TypeError);
  });

  it('gives back what it was given, and leaves plain values and bytes alone', () => {
    const event = { bytes: Buffer.from('x'), n: 1, none: null };
    expect(deepFreeze(event)).to.equal(event);
    expect(deepFreeze('text')).to.equal('text');
    expect(deepFreeze(null)).to.equal(null);
  });

  it('ends for circles and for any depth', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    expect(Object.isFrozen(deepFreeze(circular))).to.equal(true);
    expect(Object.isFrozen(deepFreeze(nested(100_000, (inner) => ({ inner }))))).to.equal(true);
  });
});

function fail(): never {
  throw new Error('hostile');
}

/** Nothing is lost or changed on the way through JSON. */
function expectJsonSafe(copy: unknown): void {
  expect(JSON.parse(JSON.stringify({ copy }))).to.deep.equal(copy === undefined ? {} : { copy });
}

/** Every object reachable through own fields, Map entries and Set members; what cannot be read is left out. */
function objectsIn(value: unknown, found: object[] = []): object[] {
  if (typeof value !== 'object' || value === null || found.includes(value)) return found;
  found.push(value);
  try {
    const inner = value instanceof Map || value instanceof Set ? [...value].flat() : Object.values(value);
    for (const entry of inner) objectsIn(entry, found);
  } catch {
    // A hostile object has nothing to compare.
  }
  return found;
}
