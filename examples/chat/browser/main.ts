import { avatar } from './avatar.ts'
import { ChatRoom, type Visit } from './chat-room.ts'
import { Composer, typingNotice } from './composer.ts'
import { ConnectionView } from './connection-view.ts'
import { element, find } from './element.ts'
import { JoinView, roomName } from './join-view.ts'
import { MemberList, typingDots } from './member-list.ts'
import { lasting } from './memory.ts'
import { MessageList } from './message-list.ts'
import { cleanName } from '../rules.ts'

const joinScreen = find('#join', HTMLElement)
const chatScreen = find('#chat', HTMLElement)

let room: ChatRoom | undefined
let unread = 0
let roomTitle = ''

const joinView = new JoinView({
  onJoin(visit) {
    history.pushState(null, '', `/rooms/${encodeURIComponent(visit.room)}`)
    enter(visit)
  },
})
const messages = new MessageList({
  onRetry: (id) => room?.outgoing.retry(id),
  onDelete: (id) => room?.outgoing.settle(id),
  onOlder: async ({ position }) => (await room?.before(position)) ?? [],
})
const people = new MemberList()
const connection = new ConnectionView({ onReconnect: () => room?.reconnect() })
const composer = new Composer({
  onSend: (text) => room?.say(text),
  onTyping: (isTyping) => room?.setTyping(isTyping),
})

function enter(visit: Visit): void {
  room?.leave()
  messages.open(visit.name)
  showScreen(chatScreen)
  roomTitle = `#${visit.room}`
  find('#room-name', HTMLElement).textContent = visit.room
  showTitle(0)
  composer.open(visit.room)
  room = new ChatRoom(visit, {
    onState(state) {
      connection.show(state)
      showPeople()
    },
    onHistory(history, why) {
      if (why === 'gap') messages.addLine('Messages sent while you were away may be missing', 'important')
      messages.addAll(history)
      if (why === 'entry') messages.addLine(`You joined as ${visit.name}`)
    },
    onMessage(message) {
      messages.add(message)
      if (message.from !== visit.name && document.hidden) showTitle(unread + 1)
    },
    onPending: (message, outcome, reason) => messages.pending.set(message, outcome, reason),
    onSettled: (id) => messages.pending.remove(id),
    onMove: (kind, name) => messages.addLine(`${name} ${kind}`),
    onPeople: showPeople,
  })
  connection.show(room.state)
  const { name } = visit
  find('#profile', HTMLElement).replaceChildren(avatar(name), element('bdi', { class: 'member-name' }, name))
  showPeople()
}

/** Shows what the address names: a room, or the first screen. */
function followAddress(): void {
  const named = roomOfPath(location.pathname)
  const name = cleanName(lasting.get('name'))
  if (named !== undefined && name !== undefined) {
    enter({ name, room: named })
    return
  }
  room?.leave()
  room = undefined
  document.title = 'GoWeb Chat'
  showScreen(joinScreen)
  joinView.show(named)
}

function showPeople(): void {
  if (room === undefined) return
  const typists = room.typists.names
  people.show(room.people.devices, { you: room.you, typists, isCurrent: room.state.phase === 'online' })
  const notice = typingNotice(typists)
  find('#typing', HTMLElement).replaceChildren(
    ...(notice.length > 0 ? [typingDots(), element('span', {}, ...notice)] : []),
  )
}

function showScreen(screen: HTMLElement): void {
  for (const each of [joinScreen, chatScreen]) each.hidden = each !== screen
}

/** @param count of messages that came while the page was hidden. */
function showTitle(count: number): void {
  unread = count
  document.title = `${count > 0 ? `(${count}) ` : ''}${roomTitle} · GoWeb Chat`
}

function toast(text: string): void {
  const shown = element('p', { class: 'toast' }, text)
  find('#toasts', HTMLElement).replaceChildren(shown)
  shown.addEventListener('animationend', () => shown.remove())
}

function roomOfPath(path: string): string | undefined {
  const [, encoded] = /^\/rooms\/([^/]+)$/.exec(path) ?? []
  try {
    return encoded === undefined ? undefined : roomName(decodeURIComponent(encoded))
  } catch {
    return undefined
  }
}

async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href)
    toast('The link to this room is copied.')
  } catch {
    toast(`Share this address: ${location.href}`)
  }
}

find('#leave', HTMLButtonElement).addEventListener('click', () => {
  history.pushState(null, '', '/')
  followAddress()
})
find('#copy-link', HTMLButtonElement).addEventListener('click', () => void copyLink())
addEventListener('popstate', followAddress)
addEventListener('beforeunload', (event) => {
  // Messages that wait live as long as the page.
  if (room?.outgoing.isEmpty === false) event.preventDefault()
})
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && room !== undefined) showTitle(0)
})

followAddress()
