import type { ChatMessage } from '../app.ts'
import { avatar, hue } from './avatar.ts'
import { element } from './element.ts'
import { linkify } from './linkify.ts'
import { timeStamp } from './time.ts'

const ONLY_EMOJI = /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\s){1,12}$/u

/** One message. @param options `follows` its writer's last one, so that the name is not shown again. */
export function messageItem(
  { from, text, at }: ChatMessage,
  { isOwn, follows }: { isOwn: boolean; follows: boolean },
): HTMLElement {
  const writer = element('bdi', { class: 'writer' }, isOwn ? 'You' : from)
  if (!isOwn) writer.style.setProperty('--hue', String(hue(from)))
  const bubble = element('div', { class: 'bubble', dir: 'auto' }, ...linkify(text))
  if (ONLY_EMOJI.test(text) && /\p{Extended_Pictographic}/u.test(text)) bubble.classList.add('is-emoji')
  const meta = element('p', { class: 'meta' }, writer, ' ', timeStamp(at))
  const body = element('div', { class: 'body' }, meta, bubble)
  const item = element('li', { class: 'message' }, avatar(from), body)
  item.classList.toggle('is-own', isOwn)
  item.classList.toggle('follows', follows)
  return item
}
