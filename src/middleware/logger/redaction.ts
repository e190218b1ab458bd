/** What stands in place of a secret. */
export const REDACTED = '[redacted]'

// Compared in lower case without `-`, `_` and spaces.
const SECRET_NAMES: readonly string[] = ['cvc', 'cvv', 'jwt', 'otp', 'pin', 'pwd', 'sessionid', 'sid', 'ssn']
// A name that ends so is a secret too: `x-csrf-token`, `refresh_token`, `userPassword`, `Set-Cookie`.
const SECRET_ENDINGS =
  /(?:accesskey|apikey|authorization|bearer|cookies?|credentials?|passphrase|passw(?:or)?d|privatekey|secret|secretkey|token)$/

// Names come from code, but also from input that is logged as it came.
const MAX_REMEMBERED = 1_000

/** Where in a value the serializer stands, as far as the paths to redact are concerned. */
export type RedactionState = readonly PathNode[]

interface PathNode {
  readonly children: Map<string, PathNode>
  isSecret: boolean
}

/**
 * Decides what of a log line is a secret, by name anywhere or by path.
 *
 * A path starts at the top of the line's fields; `*` stands for any name or index.
 */
export class Redaction {
  /** Where every line starts. */
  readonly start: RedactionState
  readonly #names: Set<string> = new Set(SECRET_NAMES)
  readonly #remembered: Map<string, boolean> = new Map()

  /** @param more names (`ssn`) and paths (`user.address`, `items.*.price`) besides the built-in names. */
  constructor(more: readonly string[]) {
    const root: PathNode = { children: new Map(), isSecret: false }
    for (const entry of more) {
      if (entry.includes('.')) addPath(root, entry.split('.'))
      else this.#names.add(plain(entry))
    }
    this.start = root.children.size === 0 ? [] : [root]
  }

  /** Whether what is called so is secret, wherever it is. */
  isSecretName(name: string): boolean {
    let isSecret = this.#remembered.get(name)
    if (isSecret === undefined) {
      const text = plain(name)
      isSecret = this.#names.has(text) || SECRET_ENDINGS.test(text)
      if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear()
      this.#remembered.set(name, isSecret)
    }
    return isSecret
  }

  /** The state one level down; undefined when what is there is secret by its path. */
  enter(state: RedactionState, name: string): RedactionState | undefined {
    if (state.length === 0) return state
    const inner: PathNode[] = []
    for (const { children } of state) {
      for (const child of [children.get(name), children.get('*')]) {
        if (child === undefined) continue
        if (child.isSecret) return undefined
        inner.push(child)
      }
    }
    return inner
  }
}

function addPath(root: PathNode, names: readonly string[]): void {
  let node = root
  for (const name of names) {
    let child = node.children.get(name)
    if (child === undefined) {
      child = { children: new Map(), isSecret: false }
      node.children.set(name, child)
    }
    node = child
  }
  node.isSecret = true
}

function plain(name: string): string {
  return name.slice(0, 200).toLowerCase().replaceAll(/[-_ ]/g, '')
}
