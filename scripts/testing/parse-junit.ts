import type { ProcessReport, TestRecord } from './test-record.ts'

const TESTCASE = /<testcase name="([^"]*)" classname="([^"]*)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs
const FAILURE = /<(?:failure|error)\b[^>]*?(?:\/>|>(.*?)<\/(?:failure|error)>)/s
const SKIPPED = /<skipped(?: message="([^"]*)")?/

const FILE = /^ {2}<testsuite name="([^"]*)"[^>]* time="([\d.]+)"[^>]*>(.*?)^ {2}<\/testsuite>/gms

/** Reads the JUnit file that `bun test` writes when all files have ended. */
export function parseJunit(xml: string): ProcessReport {
  const files = Array.from(xml.matchAll(FILE), ([, file = '', seconds, inner = '']) => {
    const records = { records: parseTestcases(inner), hasEnded: true, seconds: Number(seconds) }
    return [unescapeXml(file), records] as const
  })
  return { files: new Map(files), isComplete: xml.includes('</testsuites>') }
}

function parseTestcases(xml: string): TestRecord[] {
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
