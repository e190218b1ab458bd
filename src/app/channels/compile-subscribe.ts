import type { Run } from '../../chain/compose.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import type { SubscribeGrant } from '../../realtime/realtime-handlers.ts'
import type { MaybePromise } from '../route-types.ts'
import { andThen } from './and-then.ts'
import type { ChannelEntry } from './channel-entry.ts'
import type { Rule, SubscribeGranted } from './channel-definition.ts'
import type { SubscribeCommand } from './command-kinds.ts'
import { Granted, toJson } from './command-result.ts'
import { refuseWithoutRule } from './refuse-without-rule.ts'

type SubscribeRule = (c: never) => MaybePromise<boolean | SubscribeGranted>

const OPEN = new Granted<SubscribeGrant>({})

/** Makes the end of the chain of a subscription: the rule of the channel. */
export function compileSubscribe({ definition, pattern }: ChannelEntry): Run<SubscribeCommand> {
  return compileRule(definition.subscribe, { definition, pattern, name: 'subscribe' })
}

/** Makes the end of the chain of a look at the members or the history; those who may subscribe may look, where no rule says otherwise. */
export function compileLook(
  { definition, pattern }: ChannelEntry,
  name: 'presence' | 'history',
): Run<SubscribeCommand> {
  const settings = definition[name]
  const own: Rule<never> | undefined = typeof settings === 'object' ? settings.allow : undefined
  const where = { definition, pattern, name: own === undefined ? 'subscribe' : `${name}.allow` }
  return compileRule(own ?? definition.subscribe, where)
}

interface Where {
  readonly definition: ChannelEntry['definition']
  readonly pattern: string
  readonly name: string
}

function compileRule(rule: SubscribeRule | undefined, where: Where): Run<SubscribeCommand> {
  const { definition } = where
  if (rule === undefined) {
    return definition.public === true ? () => OPEN : refuseWithoutRule(where.pattern, where.name)
  }
  return (c) => andThen(rule.call(definition, c as never), (said) => grantOf(said, where)) // The context that its type names.
}

function grantOf(said: unknown, { pattern, name }: Where): Granted<SubscribeGrant> {
  if (said === true) return OPEN
  if (said === false) throw new GoWebError('FORBIDDEN')
  if (typeof said === 'object' && said !== null) {
    const { info, data, expiresAt } = said as SubscribeGranted
    return new Granted({
      info: info === undefined ? undefined : toJson(info),
      data: data === undefined ? undefined : toJson(data),
      expiresAtMs: expiresAt?.getTime(),
    })
  }
  throw new GoWebError(
    'COMMAND_RESULT_INVALID',
    `Rule ${name} of channel ${pattern}: expected true, false or what is granted, got ${typeof said}`,
  )
}
