/** For scenario S4: the module that is the namespace of functions made at run time. */

/** A number raised to something. */
export type Power = (x: number) => number;

export const square: Power = (x) => x ** 2;
export const cube: Power = (x) => x ** 3;

/** Makes a function that knows which function it stands for. */
const makeMapper = (power: Power) => (x: number) => `${power.name} returned result ${power(x)}`;

type Mapper = ReturnType<typeof makeMapper>;

/** Made while the module is imported, and so in every process that needs one of them. */
export const mappers: { readonly square: Mapper; readonly cube: Mapper } = {
  square: makeMapper(square),
  cube: makeMapper(cube),
};
