import type { BaseContext, ContextName, Kind } from './base-context.ts'

declare const ADDITIONS: unique symbol

/** Marks, for the compiler only, what a middleware added to the context. */
export interface Passed<Adds extends object> {
  readonly [ADDITIONS]: Adds
}

/**
 * Runs the rest of the chain and resolves with its result.
 *
 * What is given is added to the context first, and to its type for everything defined afterwards. Rejects with what
 * the rest of the chain throws. A second call rejects with `NEXT_CALLED_TWICE`.
 */
export interface Next<Result = unknown> {
  (): Promise<Result & Passed<{}>>
  <Adds extends object>(additions: Adds & Addable<Adds>): Promise<Result & Passed<Adds>>
}

/** An error at each name that the context has itself. */
type Addable<Adds> = { readonly [K in keyof Adds & ContextName]: never }

/**
 * A step of the one chain that requests, upgrades and channel commands pass.
 *
 * It runs exactly once for each. It ends the chain by returning a result of its own without calling `next`; when it
 * returns nothing, the result of `next` stands.
 */
export interface Middleware<Adds extends object = {}, Context = BaseContext, Result = unknown> {
  (c: Context, next: Next<Result>): MiddlewareReturn<Adds>
  /** Kinds it runs for; all when absent. */
  readonly kinds?: readonly Kind[]
}

/** What a middleware returns: the result of `next` or its own; or nothing, unless it adds something. */
export type MiddlewareReturn<Adds extends object> = Returned<Adds> | Promise<Returned<Adds>>

type Returned<Adds extends object> = Passed<Adds> | MiddlewareResult | NothingUnless<Adds>

// The mapped type lets the compiler compare middlewares by structure, so that one that adds more is one that adds less.
type NothingUnless<Adds> = [keyof { [K in keyof Adds]-?: 1 }] extends [never] ? void : never

/** A result of a middleware's own; the kind's own layer checks it. */
export type MiddlewareResult =
  | (object & { readonly [ADDITIONS]?: never; readonly then?: never })
  | string
  | null
