import type { Run } from '../../chain/compose.ts'
import { validateResponse } from '../../http/validate-response.ts'
import { andThen } from './and-then.ts'
import type { CallEntry } from './call-entry.ts'
import { CallCommand } from './command-kinds.ts'
import { validateData } from './validate-data.ts'

/** Makes the end of the chain of a call: the schema of its input, the handler, the schema of its output. */
export function compileCall({ options, handler }: CallEntry): Run<CallCommand> {
  const { input, output } = options
  const answer: Run<CallCommand> =
    input === undefined
      ? (c) => handler(c as never, CallCommand.inputOf(c)) // The context that its type names.
      : (c) =>
          andThen(validateData(input, 'input', CallCommand.inputOf(c)), (data) => handler(c as never, data))
  if (output === undefined) return answer
  return (c) => andThen(answer(c), (result) => validateResponse(output, result))
}
