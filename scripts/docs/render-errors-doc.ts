import { ERROR_CODES, type ErrorCodeEntry } from '../../src/errors/codes.ts'

const INTRODUCTION = `# Error codes

<!-- Generated from src/errors/codes.ts by \`npm run docs:errors\`. -->

Every failure is a \`GoWebError\` with one of these codes. On HTTP it is answered as problem details
([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) with the status and the \`code\` below; on a WebSocket it ends
the socket with the close code ([RFC 6455, section 7.4](https://www.rfc-editor.org/rfc/rfc6455#section-7.4)), 1011
where none is given. The message of an error whose status is 500 or more goes to the log, never to a client.

Codes with status 500 tell the developer of the app what to change.
`

/** The text of `docs/errors.md`. Sections are the comments between the codes in the source of the table. */
export function renderErrorsDoc(source: string): string {
  const sections = [INTRODUCTION]
  const rest = new Set(Object.keys(ERROR_CODES))
  for (const { title, codes } of readSections(source)) {
    const rows = codes.map((code) => {
      rest.delete(code)
      return renderRow(code, ERROR_CODES[code as keyof typeof ERROR_CODES])
    })
    const head =
      '| code | status | close code | what happened | what to do |\n| --- | --- | --- | --- | --- |'
    sections.push(`## ${title}\n\n${head}\n${rows.join('\n')}\n`)
  }
  if (rest.size > 0) throw new Error(`codes.ts: no section has ${[...rest].join(', ')}`)
  return sections.join('\n')
}

/** The sections of the table: `// Router.` after an empty line begins one, `PATH_INVALID: {` is a code of it. */
export function readSections(source: string): { title: string; codes: string[] }[] {
  const sections: { title: string; codes: string[] }[] = []
  for (const [, title, code] of source.matchAll(
    /(?:(?<=\n\n|\{\n) {2}\/\/ (.+?)\.?|^ {2}([A-Z][A-Z\d_]*): \{.*)$/gm,
  )) {
    if (title !== undefined) sections.push({ title, codes: [] })
    else if (code !== undefined) sections.at(-1)?.codes.push(code)
  }
  return sections.filter(({ codes }) => codes.length > 0)
}

function renderRow(code: string, { status, closeCode, summary, remedy }: ErrorCodeEntry): string {
  const cells = [
    `<a id="${code.toLowerCase()}"></a>\`${code}\``,
    status,
    closeCode ?? '',
    `${summary}.`,
    remedy,
  ]
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`
}
