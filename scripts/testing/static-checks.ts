/** A check of the whole repository that a command makes. */
export interface StaticCheck {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
}

/** What runs before any test: formatting, lint, types, and types that need no inference in `src`. */
export const STATIC_CHECKS: readonly StaticCheck[] = [
  { name: 'format', command: 'node_modules/.bin/oxfmt', args: ['--check'] },
  { name: 'lint', command: 'node_modules/.bin/oxlint', args: [] },
  { name: 'types', command: 'node_modules/.bin/tsc', args: ['-p', 'tsconfig.json'] },
  { name: 'declarations', command: 'node_modules/.bin/tsc', args: ['-p', 'tsconfig.build.json', '--noEmit'] },
]
