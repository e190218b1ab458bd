/** Random numbers that a seed determines: the same seed gives the same numbers, on every runtime. */
export class SeededRandom {
  #state: number

  /** @param seed a whole number; neighbouring seeds give unrelated numbers. */
  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A number from 0 up to 1. */
  next(): number {
    // A Weyl sequence, its steps mixed by multiplying and shifting until every bit depends on every other.
    this.#state = (this.#state + 0x9e3779b9) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 0x1_0000_0000
  }

  /** A whole number from 0 up to `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end)
  }

  /** A number from `least` up to `most`. */
  between(least: number, most: number): number {
    return least + this.next() * (most - least)
  }

  /** True with that probability. */
  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** One of a list; undefined when it is empty. */
  pick<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)]
  }
}
