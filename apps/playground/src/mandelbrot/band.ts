import { escapeTime } from './escape.ts';
import { imaginaryAt, realAt, type View } from './view.ts';

/** Some rows of a picture. */
export interface Band {
  /** Lines as they stand in a PNG: the number of the filter, then red, green and blue of each point. */
  readonly lines: Uint8Array;
  /** How many of its points are in the set. */
  readonly members: number;
}

/** Which rows: `to` is the first that is not among them. */
export interface Rows {
  readonly from: number;
  readonly to: number;
}

/** Filter 1 of PNG: each byte as the difference to that of the point on the left, which packs far better. */
export const DIFFERENCE_TO_LEFT = 1;
export const BYTES_PER_POINT = 3;

/** What a worker does: draws some rows. */
export function drawBand(view: View, { from, to }: Rows): Band {
  const { width, iterations } = view;
  const lines = new Uint8Array((to - from) * (1 + width * BYTES_PER_POINT));
  let members = 0;
  let at = 0;
  for (let row = from; row < to; row++) {
    const im = imaginaryAt(view, row);
    lines[at++] = DIFFERENCE_TO_LEFT;
    let [red, green, blue] = [0, 0, 0];
    for (let column = 0; column < width; column++) {
      const time = escapeTime(realAt(view, column), im, iterations);
      const isMember = time === Number.POSITIVE_INFINITY;
      if (isMember) members++;
      // Stretched near the outside, where colours would else all be the same.
      const hue = Math.sqrt(Math.max(time, 0));
      const r = isMember ? 0 : wave(hue * 0.85 + 3.4);
      const g = isMember ? 0 : wave(hue * 0.85 + 3.9);
      const b = isMember ? 0 : wave(hue * 0.85 + 4.7);
      lines[at++] = r - red;
      lines[at++] = g - green;
      lines[at++] = b - blue;
      [red, green, blue] = [r, g, b];
    }
  }
  return { lines, members };
}

/** From 0 to 255 and back. */
const wave = (phase: number): number => Math.round(127.5 * (1 + Math.sin(phase)));
