import { createRequire } from 'node:module';
import { nodeChild } from '@mp/testing';
import { expect, test } from 'vitest';
import { dumps, loadsSync, Unpickler } from '../src/index.ts';

test('what a user registers with msgpackr changes nothing here, and nothing here changes it there', async () => {
  const code =
    `
    import { createRequire } from 'node:module';
    const required = createRequire(import.meta.url)('msgpackr');
    import { addExtension, pack, unpack, Packr } from 'msgpackr';
    class Mine { constructor(public x: number) {} }
  `.replace('public x: number', 'x') +
    `
    for (const add of [addExtension, required.addExtension]) {
      add({ Class: Uint8Array, type: 0x51, pack: () => Buffer.from('hijacked'), unpack: () => 'hijacked' });
      add({ Class: Object, type: 0x52, pack: () => Buffer.from('hijacked'), unpack: () => 'hijacked' });
      add({ type: 0, unpack: () => 'hijacked' });
    }
    const { dumps, loadsSync } = await import('../src/index.ts');
    const value = [Buffer.from('mine'), undefined, { a: new Map([[1, new Uint8Array([2])]]) }];
    console.log(JSON.stringify(loadsSync(dumps(value)).map(String)));
    // Buffers as they were before for the user, and the same instance of the module for everybody else.
    console.log(unpack(pack(Buffer.from('theirs'))), createRequire(import.meta.url)('msgpackr') === required, process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED);
  `;
  const { stdout, stderr } = await nodeChild({ code });
  expect(stderr).toBe('');
  expect(stdout.split('\n')).toEqual(['["mine","undefined","[object Object]"]', 'hijacked true undefined', '']);
});

test('msgpackr decodes a plain message, and a plain message is what msgpackr encodes', () => {
  const { Packr } = createRequire(import.meta.url)('msgpackr') as typeof import('msgpackr');
  const packr = new Packr({ useRecords: false, variableMapSize: true });
  for (const value of [[1, 'two', { three: null, four: [true, 5n] }], 'text', 1.5, { a: undefined }]) {
    const bytes = dumps(value);
    expect(bytes[0]).toBe(0x50);
    expect(Buffer.from(bytes.subarray(1))).toEqual(Buffer.from(packr.pack(value)));
    expect(packr.unpack(bytes.subarray(1))).toEqual(value);
  }
});

test('msgpackr’s native string extractor is loaded when it pays, and decodes the same', async () => {
  const code = `
    import { dumps, loadsSync } from '../src/index.ts';
    import { difference } from './same.ts';
    import { samples } from './samples.ts';
    const isLoaded = () => (process.report.getReport() as any).sharedObjects.some((file) => file.includes('msgpackr-extract'));
    const check = () => samples.map(({ name, make }) => { const v = make(); return [name, difference(v, loadsSync(dumps(v)))]; }).filter(([, found]) => found);
    console.log(isLoaded(), check());
    const filler = dumps('x'.repeat(1 << 20));
    for (let i = 0; i < 10; i++) loadsSync(filler);
    console.log(isLoaded(), check());
  `;
  const { stdout, stderr } = await nodeChild({ code });
  expect({ stdout, stderr }).toEqual({ stdout: 'false []\ntrue []\n', stderr: '' });
});

test('a message decodes the same wherever it lies in its memory', () => {
  const value = [
    { id: 1, 'a key of more than a few characters': 'é' },
    'a text of more than thirty-two characters',
    { nested: { again: 'x' } },
  ];
  const unpickler = new Unpickler();
  for (const each of [value, value[0], { outer: value }]) {
    const bytes = dumps(each);
    for (const offset of [0, 1, 100, 179, 180, 181, 5000]) {
      const ring = new Uint8Array(8192).fill(0xc1);
      ring.set(bytes, offset);
      expect(unpickler.finish({ bytes: ring, start: offset, end: offset + bytes.length })).toEqual(each);
      expect(Object.keys(ring).length).toBe(8192);
    }
  }
});

test('messages can be read from a SharedArrayBuffer', () => {
  const value = ['text of more than sixteen characters', new Map([['k', Buffer.from('bytes')]]), 'é'.repeat(100)];
  const bytes = dumps(value);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 10));
  shared.set(bytes, 10);
  expect(new Unpickler().finish({ bytes: shared, start: 10, end: shared.length })).toEqual(value);
});

test('the bytes that a caller hands in are left as they are', () => {
  const bytes = Buffer.from(dumps([1, new Map(), 'text']));
  const keys = Reflect.ownKeys(bytes).length;
  loadsSync(bytes);
  expect(Reflect.ownKeys(bytes).length).toBe(keys);
});
