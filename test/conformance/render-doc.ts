import type { ConformanceCase, Ending, Step } from './cases/conformance-case.ts'
import { ECHO_SECTIONS, SECTIONS } from './cases/all-cases.ts'
import { describeEcho, type EchoGroup } from './cases/echo-case.ts'
import { HANDSHAKES, type HandshakeCase } from './cases/handshakes.ts'
import { renderOnBun } from './render-on-bun.ts'
import { showBytes } from './wire/bytes.ts'

const INTRODUCTION = `# Conformance

<!-- Generated from test/conformance/cases by \`npm run docs:conformance\`. -->

What goes over the wire, octet by octet, in the tests of [RFC 6455](https://www.rfc-editor.org/rfc/rfc6455). The tables
are made from the fixtures themselves; \`npm test -- conformance\` plays them against a listening server over TCP.

## Frames

Each row is one case of the [Autobahn testsuite](https://github.com/crossbario/autobahn-testsuite): sections 1 to 7 and
10 of its fuzzing client, by their numbers, with bytes of our own. Every row is strict: what comes back must be exactly
what the last columns say, nothing more, and then the server ends the TCP connection. Where the suite leaves an outcome
open the row says *informational* and still pins what this server does. Rows of up to 2000 octets are played twice: as
described, and with every octet in a packet of its own.

- **bytes**: what the client sends after the handshake, masked with \`37fa213d\`; \`|\` separates packets, \`/ n\` means
  packets of n octets, \`←\` what must have come back before the client goes on.
- **clean**: the client then sends \`888237fa213d3412\` (close, 1000) and gets \`880203e8\`.
- **1002**, **1007**: the server fails the connection with this close code on its own.
- **answered**: the close frame in the bytes is answered with this one.
`

const ECHO_INTRODUCTION = `## Messages

Cases of the same suite, by its numbers, in which messages must come back exactly as they were: every octet of every
message is compared, nothing else may come, no time is measured. Each is sent when the one before has come back; after
the last the client closes with 1000, gets \`880203e8\`, and the server ends the TCP connection. In section 9 the text is
ASCII in 9.1 and 9.7; in 9.3 and 9.5 characters of two to four octets lie across the ends of fragments and pieces.

Sections 12 and 13 are played with permessage-deflate ([RFC 7692](https://www.rfc-editor.org/rfc/rfc7692)); fragments are
those of the deflated message. The first offer must be accepted, with each parameter that it asks for and none twice,
unknown or malformed. Every message that deflating shortens by an eighth must come back deflated: without the end of
the flush, with no reference beyond the window or, without takeover, to earlier messages. The data is our own, of the
kinds that the suite has. \`npm test\` sends up to 100 messages of each case; all 1000 are sent by
\`CONFORMANCE_MESSAGES=1000 npx node --conditions=goweb-source --test test/conformance/compression.test.ts\`.
`

const HANDSHAKE_INTRODUCTION = `## Opening handshakes

Requests for \`/echo\`, which takes any text, \`/chat\`, which speaks \`chat.v2\` and \`chat.v1\`, and a few paths that refuse.
The origin \`https://app.example.net\` is listed. A refusal is an ordinary HTTP answer whose body arrives whole, with the
code of [errors.md](errors.md). Each is played in one packet and octet by octet.

| RFC 6455 | request | status | code or headers |
| --- | --- | --- | --- |
`

const BUN_INTRODUCTION = `## On Bun

Sockets on Bun are those of its own engine. The same cases are played there, octet by octet; these end otherwise, and it is tested that they do.

- **strict**: the specification allows this as well.
- **non-strict**: what is wrong is noticed later, or not at all; nothing else comes of it.
- **unimplemented**: what the client asks for is declined, and the connection goes on without.
`

/** The text of \`docs/conformance.md\`. */
export function renderConformanceDoc(): string {
  const sections = SECTIONS.map(({ title, cases }) => {
    const head = '| case | sent | bytes | ends |\n| --- | --- | --- | --- |'
    return `### ${title}\n\n${head}\n${cases.map(renderCase).join('\n')}\n`
  })
  const echoes = ECHO_SECTIONS.map(({ title, groups }) => `### ${title}\n\n${renderGroups(groups)}\n`)
  return `${INTRODUCTION}\n${sections.join('\n')}\n${ECHO_INTRODUCTION}\n${echoes.join('\n')}\n${HANDSHAKE_INTRODUCTION}${HANDSHAKES.map(renderHandshake).join('\n')}\n\n${BUN_INTRODUCTION}\n${renderOnBun()}\n`
}

function renderCase(row: ConformanceCase): string {
  const remarks = [row.isInformational === true ? '*informational*' : '', row.note ?? ''].filter(
    (remark) => remark !== '',
  )
  const sent = remarks.length === 0 ? row.sends : `${row.sends} (${remarks.join('; ')})`
  return cells([row.id, sent, renderSteps(row.steps), renderEnding(row.ending)])
}

function renderGroups(groups: readonly EchoGroup[]): string {
  const rows = groups.flatMap(({ title, cases }) =>
    cases.map((row, index) => cells([row.id, index === 0 ? title : '', describeEcho(row)])),
  )
  return ['| case | group | sent and received |', '| --- | --- | --- |', ...rows].join('\n')
}

function renderSteps(steps: readonly Step[]): string {
  return steps
    .map((step) => {
      const octets = `\`${showBytes(step.bytes)}\``
      if (step.kind === 'get') return `← ${octets}`
      return step.chop === undefined ? octets : `${octets} / ${step.chop}`
    })
    .join(' | ')
    .replaceAll(' | ←', ' ←')
}

function renderEnding(ending: Ending): string {
  if (ending.kind === 'clean') return 'clean'
  if (ending.kind === 'failed') return String(ending.code)
  return `answered \`${showBytes(ending.bytes)}\``
}

function renderHandshake({ section, name, status, code, headers = {} }: HandshakeCase): string {
  const shown = Object.entries(headers).map(([header, value]) =>
    value === null ? `no \`${header}\`` : `\`${header}: ${value}\``,
  )
  const answer = code === undefined ? shown : [`\`${code}\``, ...shown]
  return cells([section, name, String(status), answer.join(', ')])
}

function cells(texts: readonly string[]): string {
  return `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
}
