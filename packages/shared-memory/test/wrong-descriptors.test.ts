import { closeDescriptor, createDoorbell, createMemory, duplicateDescriptor } from '@mp/native';
import { Pickler, Unpickler, UnpicklingError } from '@mp/reduction';
import { checkLeaks } from '@mp/testing';
import { beforeAll, expect, test } from 'vitest';
import { ShareableList, SharedMemory } from '../src/index.ts';
import { Block } from '../src/internal.ts';

// One empty arena is kept for the next block, and lives as long as the process.
beforeAll(() => Block.allocate(1).free());
checkLeaks({ allow: [{ leak: /mp-arena/, because: 'one empty arena is kept' }] });

const wrong = {
  'an event': createDoorbell,
  'memory that is empty': () => createMemory(0),
  'memory of something else': () => createMemory(4096),
  'memory of an odd size': () => createMemory(1001),
};

test.each(Object.entries(wrong))(
  'a message that comes with %s instead is an error, or memory of that size; every descriptor is closed once',
  (_what, make) => {
    const memory = SharedMemory.anonymous(100);
    const list = new ShareableList(['a']);
    const block = Block.allocate(8);
    for (const value of [memory, list, block]) {
      const { bytes, start, end, descriptors } = new Pickler().pickle(value).detach();
      // The last one is the memory, or the arena.
      const given = descriptors.map((fd, i) => (i === descriptors.length - 1 ? make() : duplicateDescriptor(fd)));
      const incoming = { bytes, start, end, descriptors: given, unclaimed: [] as number[] };
      try {
        const received = new Unpickler().finish(incoming);
        // Zeros are a list, too: an empty one.
        const other = received instanceof ShareableList ? received.shm : (received as SharedMemory);
        other.close();
        expect(other).toBeInstanceOf(SharedMemory);
      } catch (error) {
        expect(error).toBeInstanceOf(UnpicklingError);
      }
      // Would throw if one had been closed already.
      for (const fd of incoming.unclaimed) closeDescriptor(fd);
    }
    memory.close();
    list.shm.close();
    list.shm.unlink();
    block.free();
  },
);
