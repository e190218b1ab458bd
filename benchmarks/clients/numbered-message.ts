/** A message of which a receiver can tell whether it is intact, and what came before it. */
export interface NumberedMessage {
  /** Number of its sender. */
  readonly from: number
  /** Its own number, from 0. */
  readonly number: number
  readonly text: string
}

const TEXT_LENGTH = 32

/** Makes the message of a sender, some 64 bytes as JSON; every one has another text. */
export function numberedMessage(from: number, number: number): NumberedMessage {
  return { from, number, text: textOf(from, number) }
}

/** Whether a message has the text that its sender gave it. */
export function isIntact({ from, number, text }: NumberedMessage): boolean {
  return text === textOf(from, number)
}

function textOf(from: number, number: number): string {
  return `${from}.${number} `.padEnd(TEXT_LENGTH, 'abcdefghijklmnopqrstuvwxyz')
}
