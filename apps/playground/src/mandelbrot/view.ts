/** Which part of the plane a picture shows, and how finely. */
export interface View {
  /** Points from left to right. */
  readonly width: number;
  readonly height: number;
  /** After how many steps a number that has not escaped counts as a member of the set. */
  readonly iterations: number;
}

/** In the middle of the picture; and what of the plane it shows at the least. */
const CENTRE = -0.65;
const LEAST_WIDTH = 3.2;
const LEAST_HEIGHT = 2.4;

/** How much of the plane a point of the picture stands for. */
const stepOf = ({ width, height }: View): number => Math.max(LEAST_WIDTH / width, LEAST_HEIGHT / height);

/** The real part of the middle of a column. */
export const realAt = (view: View, column: number): number => CENTRE + (column - (view.width - 1) / 2) * stepOf(view);

/** The imaginary part of the middle of a row. */
export const imaginaryAt = (view: View, row: number): number => ((view.height - 1) / 2 - row) * stepOf(view);
