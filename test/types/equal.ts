/** `true` when two types are the same, `any` and optional members told apart. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- comparing unresolved conditional types is the trick
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles only when both types are the same: `same<typeof value, string>()`. */
export declare function same<A, B>(...difference: Equal<A, B> extends true ? [] : [never]): void
