import { GoWebError } from '../../errors/goweb-error.ts'
import { RunningCommand } from './running-command.ts'

/**
 * Refuses everything, since nothing was allowed.
 *
 * The developer reads once which rule is missing; the client only learns that it may not.
 */
export function refuseWithoutRule(pattern: string, rule: string): (c: RunningCommand) => never {
  let isTold = false
  return (c) => {
    if (!isTold) {
      isTold = true
      RunningCommand.report(
        c,
        new GoWebError(
          'RULE_MISSING',
          `Channel ${pattern} has no rule ${rule}, so nobody may: add ${rule}: (c) => …, or public: true for everybody`,
        ),
      )
    }
    throw new GoWebError('FORBIDDEN')
  }
}
