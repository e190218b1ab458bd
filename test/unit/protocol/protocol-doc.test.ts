import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DISCONNECT } from '../../../src/protocol/disconnect-codes.ts'
import { PROTOCOL_ERROR } from '../../../src/protocol/error-codes.ts'
import { parseCommand, type ParsedLine } from '../../../src/protocol/parse-command.ts'
import { UNSUBSCRIBE } from '../../../src/protocol/unsubscribe-codes.ts'
import { DEFAULT_REALTIME_LIMITS } from '../../../src/realtime/realtime-limits.ts'
import { readMarkdown } from '../repository/markdown.ts'
import { readProjectFile } from '../repository/project-files.ts'
import { Conversation } from './conversation.ts'

const page = readProjectFile('docs/protocol.md')

/** Cells of the table behind a mark, without backticks. */
function tableOf(mark: string): string[][] {
  const [, table = ''] = page.split(`<!-- checked: ${mark} -->\n`)
  const rows = table.trim().split('\n\n')[0]?.split('\n').slice(2) ?? []
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  )
}

describe('docs/protocol.md', () => {
  test('lists the codes of errors', () => {
    const expected = Object.values(PROTOCOL_ERROR).map(({ code, message, temporary }) => {
      return [String(code), message, temporary ? 'yes' : 'no']
    })
    assert.deepEqual(
      tableOf('PROTOCOL_ERROR').map((cells) => cells.slice(0, 3)),
      expected,
    )
  })

  test('lists the codes that end subscriptions', () => {
    const expected = Object.values(UNSUBSCRIBE).map(({ code, reason }) => [String(code), reason])
    assert.deepEqual(
      tableOf('UNSUBSCRIBE').map((cells) => cells.slice(0, 2)),
      expected,
    )
  })

  test('lists the codes that end connections, and what the client does then', () => {
    const expected = Object.values(DISCONNECT).map(({ code, reason }) => {
      const isFinal = (code >= 3_500 && code < 4_000) || code >= 4_500
      return [String(code), reason, isFinal ? 'no' : 'yes']
    })
    assert.deepEqual(
      tableOf('DISCONNECT').map((cells) => cells.slice(0, 3)),
      expected,
    )
  })

  test('lists the limits with their defaults', () => {
    const listed = tableOf('DEFAULT_REALTIME_LIMITS').map(([name = '', value = '']) => {
      return [name, Number(value.split(' ')[0])]
    })
    assert.deepEqual(Object.fromEntries(listed), DEFAULT_REALTIME_LIMITS)
  })

  test('lists commands with fields that are known, and checked', () => {
    const [, table = ''] = page.split('| command | fields | result |')
    const rows = table.trim().split('\n\n')[0]?.split('\n').slice(1) ?? []
    assert.equal(rows.length, 12)
    for (const row of rows) {
      const [, method = '', fields = ''] = row.split('|')
      const name = /`(\w+)`/.exec(method)?.[1] ?? ''
      const line = (more: object): ParsedLine => {
        return parseCommand(JSON.stringify({ id: 1, [name]: { channel: 'a', data: 1, ...more } }))
      }
      assert.equal(line({ unknown: [] }).kind, 'command', name)
      for (const [, field = ''] of fields.matchAll(/`(\w+)`/g)) {
        if (field !== 'data') assert.equal(line({ [field]: [] }).kind, 'refused', `${name}.${field}`)
      }
    }
  })

  test('shows conversations that come true', async () => {
    const lines = readMarkdown(page)
      .blocks.filter(({ info }) => info === 'text')
      .flatMap(({ code }) => code.split('\n'))
      .filter((line) => line !== '')
    assert.ok(lines.length > 30)
    const conversation = new Conversation()
    for (const line of lines) await conversation.play(line)
    conversation.end()
  })

  test('would notice one that does not', async () => {
    const conversation = new Conversation()
    await conversation.play('ann > {"id":1,"connect":{"token":"ann"}}')
    assert.throws(() => conversation.end(), /nothing says/)
    await assert.rejects(conversation.play('ann < {"id":1,"connect":{}}'), assert.AssertionError)
    await assert.rejects(conversation.play('bob < {}'), /has got nothing/)
  })
})
