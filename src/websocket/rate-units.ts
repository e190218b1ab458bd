import { TICK_MS } from './deadline-wheel.ts'

/**
 * What one message or byte costs of a budget, in units: a rate of one a second earns one unit a tick.
 *
 * So budgets stay whole numbers at any rate, and no fraction is lost however often one is topped up.
 */
export const UNITS_EACH: number = 1_000 / TICK_MS

/** A budget that cannot be used up within a tick. */
export const UNLIMITED_UNITS = 0x3fffffff

/** The units that a burst of so many messages or bytes takes; 0 is no limit. */
export function unitsOf(burst: number): number {
  return burst === 0 ? UNLIMITED_UNITS : burst * UNITS_EACH
}

/**
 * What is left of a budget after some ticks in which nothing was spent.
 *
 * @param perSecond 0 is no limit.
 */
export function topUp(left: number, perSecond: number, burst: number, ticks: number): number {
  if (perSecond === 0) return UNLIMITED_UNITS
  return Math.min(burst * UNITS_EACH, left + perSecond * ticks)
}
