import type { TestRecord } from './test-record.ts'

const TESTCASE = /<testcase name="([^"]*)" classname="([^"]*)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs
const FAILURE = /<(?:failure|error)\b[^>]*?(?:\/>|>(.*?)<\/(?:failure|error)>)/s
const SKIPPED = /<skipped(?: message="([^"]*)")?/

/** Reads the JUnit file that `bun test` writes. */
export function parseJunit(xml: string): TestRecord[] {
  return Array.from(xml.matchAll(TESTCASE), ([, name = '', groups = '', inner = '']) => {
    const path = groups === '' ? [] : unescapeXml(groups).split(' > ').toReversed()
    const failure = FAILURE.exec(inner)
    const skipped = SKIPPED.exec(inner)
    return {
      name: [...path, unescapeXml(name)].join(' > '),
      result: failure ? 'failed' : skipped ? 'skipped' : 'passed',
      detail: unescapeXml(failure?.[1] ?? skipped?.[1] ?? ''),
    }
  })
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescapeXml(text: string): string {
  return text.replace(
    /&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi,
    (whole, decimal?: string, hex?: string, named?: string) => {
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
      return ENTITIES[named ?? ''] ?? whole
    },
  )
}
