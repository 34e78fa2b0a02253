import type { Fifo } from '@mp/connection/internal';
import type { Line } from './line.ts';
import type { Work } from './work.ts';

/** Takes work that has not begun out of the lines of the workers and out of the queue. @returns what was taken out */
export function withdraw(works: ReadonlySet<Work>, lines: Iterable<Line>, queue: Fifo<Work>): Work[] {
  const [only] = works;
  return works.size === 1 && only !== undefined ? withdrawOne(only, lines, queue) : withdrawMany(works, lines, queue);
}

/** One signal may end thousands of calls, one by one. */
function withdrawOne(only: Work, lines: Iterable<Line>, queue: Fifo<Work>): Work[] {
  const gone: Work[] = [];
  for (const { assigned, worker } of lines) {
    const one = assigned.find(({ work }) => work === only);
    if (one === undefined || one.dropped || !worker.takeBack(one.ticket)) continue;
    assigned.remove(one);
    gone.push(only);
  }
  if (queue.remove(only)) gone.push(only);
  return gone;
}

function withdrawMany(works: ReadonlySet<Work>, lines: Iterable<Line>, queue: Fifo<Work>): Work[] {
  const gone: Work[] = [];
  for (const line of lines) {
    for (const one of line.drain()) {
      if (works.has(one.work) && !one.dropped && line.worker.takeBack(one.ticket)) gone.push(one.work);
      else line.assigned.push(one);
    }
  }
  const others: Work[] = [];
  for (let work = queue.shift(); work !== undefined; work = queue.shift()) {
    (works.has(work) ? gone : others).push(work);
  }
  for (const work of others) queue.push(work);
  return gone;
}
