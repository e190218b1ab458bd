/** What can be wrong with what clients and servers did; see `docs/guide/testing.md`. */
export type ViolationKind =
  | 'lost'
  | 'doubled'
  | 'disordered'
  | 'invented'
  | 'needless gap'
  | 'not stored'
  | 'stored twice'
  | 'stored though refused'
  | 'stale'
  | 'stuck'
  | 'ended'
  | 'on the wire'
  | 'other'

/** A promise that was broken. */
export interface Violation {
  readonly kind: ViolationKind
  readonly atMs: number
  /** Whom it happened to. */
  readonly who: string
  readonly detail: string
}
