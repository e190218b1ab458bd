import { GoWebError } from '../../errors/goweb-error.ts'
import type { ChannelEntry } from './channel-entry.ts'
import type { KeyOf } from './channel-definition.ts'

const MAX_KEY_BYTES = 255

/** The key of a publication; undefined in channels without keys. */
export type KeyFor = (event: string | undefined, data: unknown) => string | undefined

/** Makes what finds the keys of a channel's publications. */
export function compileKey({ definition, pattern }: ChannelEntry): KeyFor {
  const { key }: { readonly key?: KeyOf } = definition
  if (key === undefined) return () => undefined
  return (event, data) => {
    const said = key.call(definition, event, data)
    if (typeof said === 'string') return checkKey(pattern, said)
    throw new GoWebError(
      'COMMAND_RESULT_INVALID',
      `key of channel ${pattern}: expected a text, got ${said === null ? 'null' : typeof said}`,
    )
  }
}

/** The key, if it can be one. @param where for the message. @throws `KEY_INVALID` */
export function checkKey(where: string, key: string): string {
  const isOne = key !== '' && key.isWellFormed() && Buffer.byteLength(key) <= MAX_KEY_BYTES
  if (isOne) return key
  throw new GoWebError(
    'KEY_INVALID',
    `Channel ${where}: expected a key of 1 to ${MAX_KEY_BYTES} bytes of UTF-8, got ${Buffer.byteLength(key)}`,
  )
}
