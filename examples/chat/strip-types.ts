import * as nodeModule from 'node:module'

/** The part of Bun that does what Node's `stripTypeScriptTypes` does. */
interface BunWithTranspiler {
  readonly Transpiler: new (options: { readonly loader: 'ts' }) => { transformSync(code: string): string }
}

const { Bun } = globalThis as { readonly Bun?: BunWithTranspiler }

/** Takes the types out of TypeScript. */
export function stripTypes(code: string): string {
  if (Bun === undefined) return nodeModule.stripTypeScriptTypes(code)
  return new Bun.Transpiler({ loader: 'ts' }).transformSync(code)
}
