/** A fenced code block of a page. */
export interface CodeBlock {
  /** What follows the opening fence, such as `ts`. */
  readonly info: string
  readonly code: string
  /** The line of the opening fence, from 1. */
  readonly line: number
}

/** The parts of a Markdown page that the checks look at. */
export interface MarkdownPage {
  readonly blocks: readonly CodeBlock[]
  /** Where links and images lead, as written. */
  readonly links: readonly string[]
  /** Names that a `#fragment` can lead to, as GitHub makes them. */
  readonly anchors: ReadonlySet<string>
}

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/
const LINK =
  /\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)|^ {0,3}\[[^\]]+\]:\s*(\S+)|<(?:a|img)\b[^>]*?\b(?:href|src)="([^"]+)"/gm

/** Reads a Markdown page as far as links, headings and code blocks go. */
export function readMarkdown(text: string): MarkdownPage {
  const { blocks, prose } = splitBlocks(text)
  const visible = prose.replaceAll(/<!--.*?-->/gs, '').replaceAll(/(`+)(?!`).*?\1/gs, '')
  const links = Array.from(
    visible.matchAll(LINK),
    ([, inline, reference, html]) => inline ?? reference ?? html ?? '',
  )
  return { blocks, links, anchors: anchorsOf(prose) }
}

function splitBlocks(text: string): { blocks: CodeBlock[]; prose: string } {
  const blocks: CodeBlock[] = []
  const prose: string[] = []
  let open: { fence: string; info: string; line: number; code: string[] } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const [, fence, info = ''] = FENCE.exec(line) ?? []
    if (open === undefined && fence !== undefined) {
      open = { fence, info: info.trim(), line: index + 1, code: [] }
    } else if (open && fence?.startsWith(open.fence) === true && info.trim() === '') {
      blocks.push({ info: open.info, code: `${open.code.join('\n')}\n`, line: open.line })
      open = undefined
    } else if (open) {
      open.code.push(line)
    } else {
      prose.push(line)
    }
  }
  if (open) throw new Error(`line ${open.line}: a code block that does not end`)
  return { blocks, prose: prose.join('\n') }
}

function anchorsOf(prose: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, title = ''] of prose.matchAll(/^ {0,3}#{1,6}\s+(.*?)\s*#*$/gm)) {
    const slug = slugOf(title)
    let name = slug
    for (let count = 1; anchors.has(name); count += 1) name = `${slug}-${count}`
    anchors.add(name)
  }
  for (const [, name = ''] of prose.matchAll(/<[a-z]+\b[^>]*?\b(?:id|name)="([^"]+)"/g)) anchors.add(name)
  return anchors
}

/** GitHub's name for a heading: lower case, without punctuation, a hyphen for each space. */
function slugOf(title: string): string {
  return title
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-')
}
