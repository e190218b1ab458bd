/** One bar. */
export interface Bar {
  readonly label: string
  readonly value: number
  /** What is written at its end. */
  readonly text: string
  /** Whether it stands out. */
  readonly isOwn: boolean
}

/** What a chart shows. */
export interface BarChart {
  readonly title: string
  /** Below the title, such as `messages/s, more is better`. */
  readonly subtitle: string
  readonly bars: readonly Bar[]
}

const WIDTH = 760
const LABEL_WIDTH = 220
const TEXT_WIDTH = 130
const BAR_HEIGHT = 22
const BAR_GAP = 8
const HEAD_HEIGHT = 58
/** A bar must be seen however small it is. */
const MIN_BAR_WIDTH = 2
const MAX_LABEL_LENGTH = 34

const STYLE = [
  'text{font:13px system-ui,sans-serif;fill:#1f2328}',
  '.title{font-size:15px;font-weight:600}',
  '.faint{fill:#59636e}',
  '.own{fill:#0969da}',
  '.peer{fill:#9aa4ae}',
  '.bold{font-weight:600}',
  '@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.faint{fill:#9198a1}.own{fill:#4493f8}.peer{fill:#656c76}}',
].join('')

/** Draws horizontal bars as SVG that can be read on light and on dark pages. Bars without a value are left out. */
export function renderBarChart({ title, subtitle, bars }: BarChart): string {
  const drawn = bars.filter(({ value }) => Number.isFinite(value) && value >= 0)
  const height = HEAD_HEIGHT + drawn.length * (BAR_HEIGHT + BAR_GAP)
  const largest = Math.max(...drawn.map(({ value }) => value), Number.MIN_VALUE)
  const widest = WIDTH - LABEL_WIDTH - TEXT_WIDTH
  const rows = drawn.map((bar, i) => {
    const y = HEAD_HEIGHT + i * (BAR_HEIGHT + BAR_GAP)
    const width = Math.max(MIN_BAR_WIDTH, (bar.value / largest) * widest)
    return drawBar(bar, y, Number(width.toFixed(1)))
  })
  const summary = drawn.map(({ label, text }) => `${label} ${text}`).join(', ')
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(`${title}: ${summary}`)}">`,
    `<style>${STYLE}</style>`,
    `<text class="title" x="0" y="18">${escape(title)}</text>`,
    `<text class="faint" x="0" y="38">${escape(subtitle)}</text>`,
    ...rows,
    '</svg>\n',
  ].join('\n')
}

function drawBar({ label, text, isOwn }: Bar, y: number, width: number): string {
  const baseline = y + BAR_HEIGHT / 2 + 5
  const weight = isOwn ? ' class="bold"' : ''
  return (
    `<text${weight} x="${LABEL_WIDTH - 10}" y="${baseline}" text-anchor="end">${escape(shorten(label))}</text>` +
    `<rect class="${isOwn ? 'own' : 'peer'}" x="${LABEL_WIDTH}" y="${y}" width="${width}" height="${BAR_HEIGHT}" rx="3"/>` +
    `<text${weight} x="${LABEL_WIDTH + width + 8}" y="${baseline}">${escape(text)}</text>`
  )
}

function shorten(label: string): string {
  return label.length <= MAX_LABEL_LENGTH ? label : `${label.slice(0, MAX_LABEL_LENGTH - 1)}…`
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
