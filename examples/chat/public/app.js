import { avatar } from './avatar.js'
import { ChatRoom } from './chat-room.js'
import { Composer, typingNotice } from './composer.js'
import { ConnectionView } from './connection-view.js'
import { element, find } from './element.js'
import { JoinView, cleanName, roomName } from './join-view.js'
import { typingDots, MemberList } from './member-list.js'
import { lasting } from './memory.js'
import { MessageList } from './message-list.js'

const joinScreen = find('#join', HTMLElement)
const chatScreen = find('#chat', HTMLElement)

/** @type {ChatRoom | undefined} */
let room
let unread = 0
let roomTitle = ''

const joinView = new JoinView({
  onJoin(visit) {
    history.pushState(null, '', roomPath(visit.room))
    enter(visit)
  },
})
const messages = new MessageList({
  onRetry: (ref) => room?.retry(ref),
  onDiscard: (ref) => room?.discard(ref),
})
const people = new MemberList()
const connection = new ConnectionView({
  onRetry: () => room?.wake(),
  onReopen: () => followAddress(),
})
const composer = new Composer({
  onSend: (text) => room?.say(text),
  onTyping: (isTyping) => room?.setTyping(isTyping),
})

/** @param {{ name: string, room: string }} visit */
function enter(visit) {
  room?.leave()
  messages.clear()
  connection.reset()
  showScreen(chatScreen)
  roomTitle = `#${visit.room}`
  find('#room-name', HTMLElement).textContent = visit.room
  showTitle(0)
  composer.open(visit.room)
  composer.focus()

  const entered = new ChatRoom(visit, {
    onState(state) {
      connection.show(state)
      composer.setOnline(state.phase === 'online')
      showPeople()
    },
    onEntered({ messages: news, isReturn, mayMiss }) {
      if (mayMiss)
        messages.addLine('Messages sent while you were away may be missing', Date.now(), 'important')
      messages.addAll(news, entered.you)
      if (!isReturn) messages.addLine(`You joined as ${entered.you}`, Date.now())
      showProfile(entered.you)
    },
    onMessage(message) {
      messages.add(message, entered.you)
      if (message.name !== entered.you && document.hidden) showTitle(unread + 1)
    },
    onPending: (message, outcome, reason) => messages.setPending(message, outcome, reason),
    onSettled: (message) => messages.removePending(message),
    onMove: ({ kind, name, at }) => messages.addLine(`${name} ${kind}`, at),
    onMembers: showPeople,
    onTyping: showPeople,
    onRefused(code) {
      if (code === 'too-fast') toast('That was a lot at once. Wait a few seconds.')
    },
  })
  room = entered
  showProfile(entered.you)
  showPeople()
  entered.enter()
}

/** Shows what the address names: a room, or the first screen. */
function followAddress() {
  const named = roomOfPath(location.pathname)
  const name = cleanName(lasting.get('name'))
  if (named !== undefined && name !== undefined) return enter({ name, room: named })
  room?.leave()
  room = undefined
  connection.reset()
  document.title = 'GoWeb Chat'
  showScreen(joinScreen)
  joinView.show(named)
}

function showPeople() {
  if (room === undefined) return
  const { you, members, typists } = room
  people.show(members, you, typists, room.isOpen)
  const notice = typingNotice(typists)
  find('#typing', HTMLElement).replaceChildren(
    ...(notice.length > 0 ? [typingDots(), element('span', {}, ...notice)] : []),
  )
}

/** @param {string} name */
function showProfile(name) {
  find('#profile', HTMLElement).replaceChildren(avatar(name), element('bdi', { class: 'member-name' }, name))
}

/** @param {HTMLElement} screen */
function showScreen(screen) {
  for (const each of [joinScreen, chatScreen]) each.hidden = each !== screen
}

/** @param {number} count of messages that came while the page was hidden. */
function showTitle(count) {
  unread = count
  document.title = `${count > 0 ? `(${count}) ` : ''}${roomTitle} · GoWeb Chat`
}

/** @param {string} text */
function toast(text) {
  const shown = element('p', { class: 'toast' }, text)
  find('#toasts', HTMLElement).replaceChildren(shown)
  shown.addEventListener('animationend', () => shown.remove())
}

/** @param {string} name */
function roomPath(name) {
  return `/rooms/${encodeURIComponent(name)}`
}

/** @param {string} path */
function roomOfPath(path) {
  const [, encoded] = /^\/rooms\/([^/]+)$/.exec(path) ?? []
  try {
    return encoded === undefined ? undefined : roomName(decodeURIComponent(encoded))
  } catch {
    return undefined
  }
}

find('#leave', HTMLButtonElement).addEventListener('click', () => {
  history.pushState(null, '', '/')
  followAddress()
})
find('#copy-link', HTMLButtonElement).addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(location.href)
    toast('The link to this room is copied.')
  } catch {
    toast(`Share this address: ${location.href}`)
  }
})
addEventListener('popstate', followAddress)
document.addEventListener('visibilitychange', () => {
  if (document.hidden || room === undefined) return
  showTitle(0)
  room.wake()
})

followAddress()
