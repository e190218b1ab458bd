import { isThenable } from '../chain/compose.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import type { Command, ConnectRequest } from '../protocol/command.ts'
import { DISCONNECT } from '../protocol/disconnect-codes.ts'
import { PROTOCOL_ERROR } from '../protocol/error-codes.ts'
import { encodeResultReply } from '../protocol/encode-reply.ts'
import { parseCommand } from '../protocol/parse-command.ts'
import type { ReplyError } from '../protocol/reply.ts'
import { UNSUBSCRIBE } from '../protocol/unsubscribe-codes.ts'
import { ticksOf } from '../websocket/deadline-wheel.ts'
import { isChannelName } from './is-channel-name.ts'
import {
  abandonOutcome,
  type CommandOutcome,
  type CommandRun,
  isStoring,
  refuse,
  type StoringReply,
} from './command-outcome.ts'
import { CommandRate } from './command-rate.ts'
import type { CommandTask, CommandWork } from './command-work.ts'
import { channelOf, runCommand } from './commands/run-command.ts'
import { encodeConnectResult, joinGranted } from './join-granted.ts'
import { ConnectionCore } from './connection-core.ts'
import type { ConnectionIndex } from './connection-index.ts'
import { IdWindow } from './id-window.ts'
import type { ConnectGrant } from './realtime-handlers.ts'
import type { RealtimeContext } from './realtime-context.ts'
import { isInternalError, toReplyError } from './reply-error.ts'
import type { Transport } from './transport.ts'

/** Who is at the other end. */
export interface RealtimePeer {
  readonly transport: Transport
  /** What the app keeps of the request that opened the connection. */
  readonly request: unknown
}

interface Disconnect {
  readonly code: number
  readonly reason: string
}

/** An end that waits for the commands that are under way. */
interface Retirement extends Disconnect {
  readonly ended: PromiseWithResolvers<void>
}

/** The lane of what comes before `connect` is answered; no channel has an empty name. */
const CONNECT_LANE = ''

/**
 * One client's connection: takes its frames, runs their commands in order and answers them.
 *
 * A transport hands it every text with `receive` and calls `closed` once the client is gone.
 */
export class RealtimeConnection extends ConnectionCore {
  readonly #index: ConnectionIndex<RealtimeConnection>
  readonly #ids: IdWindow = new IdWindow()
  readonly #rate: CommandRate
  #work: CommandWork | undefined = undefined
  /** Tick of the next ping; before `connect` is answered, of the end of patience. */
  #pingTick: number
  /** Tick at which patience for a pong ends; 0 while none is awaited. */
  #pongTick = 0
  #retirement: Retirement | undefined = undefined

  constructor(context: RealtimeContext, index: ConnectionIndex<RealtimeConnection>, peer: RealtimePeer) {
    super(context, peer.transport, peer.request)
    this.#index = index
    this.#rate = new CommandRate(context.limits.commandBurst, context.clock.now())
    this.#pingTick = context.wheel.now + ticksOf(context.limits.connectTimeoutMs)
    index.add(this)
    context.wheel.add(this, this.#pingTick)
    context.arm()
  }

  /** Takes one frame of the client: one command, or several, one a line. Never throws. */
  receive(text: string): void {
    if (this.phase === 'closed') return
    const { limits, clock } = this.context
    if (text.length > limits.frameBytes) return this.#break(DISCONNECT.BAD_REQUEST)
    this.#rate.fill(limits.commandsPerSecond, limits.commandBurst, clock.now())
    if (!text.includes('\n')) return this.#takeLine(text)
    const lines = text.split('\n')
    if (lines.length > limits.commandsPerFrame) return this.#break(DISCONNECT.BAD_REQUEST)
    for (const line of lines) {
      // Encoders may end the last line too.
      if (line !== '') this.#takeLine(line)
      if (this.isClosed) return
    }
  }

  /** The client is gone. Idempotent. */
  closed(code: number, reason: string): void {
    if (this.phase === 'closed') return
    const wasConnected = this.phase === 'connected'
    this.phase = 'closed'
    this.context.wheel.remove(this)
    this.#work?.abandon()
    this.#work = undefined
    for (const subscription of this.subscriptions?.values() ?? []) this.drop(subscription)
    this.#index.remove(this)
    this.#retirement?.ended.resolve()
    if (!wasConnected) return
    try {
      this.context.handlers.disconnected(this, code, reason)
    } catch (error) {
      this.context.handlers.report(error, 'disconnected')
    }
  }

  override disconnect(code: number, reason: string): void {
    if (this.phase === 'closed') return
    this.closed(code, reason)
    this.transport.close(code, reason)
  }

  /**
   * Ends the connection when the commands that it has sent are answered; at once where there are none.
   *
   * Those that come from now on are not looked at: as far as the client can tell, they were lost with the connection.
   *
   * @returns what resolves when it has ended; undefined when it has.
   */
  retire(code: number, reason: string): Promise<void> | undefined {
    if (this.#work === undefined) this.disconnect(code, reason)
    if (this.phase === 'closed') return undefined
    this.#retirement ??= { code, reason, ended: Promise.withResolvers<void>() }
    return this.#retirement.ended.promise
  }

  get isClosed(): boolean {
    return this.phase === 'closed'
  }

  /** The client did something that ends its connection. */
  #break({ code, reason }: Disconnect): void {
    this.disconnect(code, reason)
  }

  #takeLine(line: string): void {
    const { limits } = this.context
    const rate = limits.commandsPerSecond === 0 ? 'in' : this.#rate.take(limits.commandBurst)
    if (rate === 'far over') return this.#break(DISCONNECT.TOO_MANY_REQUESTS)
    const parsed = parseCommand(line)
    if (parsed.kind === 'pong') this.#onPong()
    else if (parsed.kind === 'broken') this.#break(DISCONNECT.BAD_REQUEST)
    else if (parsed.kind === 'refused') {
      if (this.#admitId(parsed.id)) this.#refuse(parsed.id, parsed.error)
    } else this.#takeCommand(parsed.command, line, rate === 'over')
  }

  #onPong(): void {
    this.#pongTick = 0
    if (this.pongs < this.pings) this.pongs++
    if (this.pongListeners === undefined) return
    for (const listener of this.pongListeners) listener.onPong()
  }

  #takeCommand(command: Command, line: string, isOverRate: boolean): void {
    if (this.#retirement !== undefined) return
    const { id = 0 } = command
    if (id > 0 && !this.#admitId(id)) return
    if (command.connect !== undefined) return this.#startConnect(id, command.connect)
    if (this.phase === 'new') return this.#break(DISCONNECT.BAD_REQUEST)
    if (isOverRate) return this.#refuse(id, PROTOCOL_ERROR.TOO_MANY_REQUESTS)
    const { limits } = this.context
    const most = limits.messageBytes
    if (line.length * 3 > most && Buffer.byteLength(line) > most) {
      return this.#refuse(id, { ...PROTOCOL_ERROR.LIMIT_EXCEEDED, message: 'message too large' })
    }
    const channel = channelOf(command)
    if (channel !== undefined && !isChannelName(channel, limits.channelNameBytes)) {
      return this.#refuse(id, { ...PROTOCOL_ERROR.BAD_REQUEST, message: 'bad request: channel name' })
    }
    const lane = this.phase === 'connecting' ? CONNECT_LANE : channel
    const work = this.#work
    if (work !== undefined) {
      if (work.size >= limits.pendingCommands || work.bytes + line.length > limits.pendingBytes) {
        return this.#refuse(id, PROTOCOL_ERROR.TOO_MANY_REQUESTS)
      }
      if (lane !== undefined && work.mustWait(lane, command)) {
        return work.wait(lane, { command, bytes: line.length })
      }
    }
    this.#run(command, line.length, lane)
  }

  #run(command: Command, bytes: number, channel: string | undefined): void {
    const { id = 0 } = command
    let run: CommandRun
    const abort = command.rpc === undefined ? undefined : new AbortController()
    try {
      run = runCommand(this, command, abort)
    } catch (error) {
      this.#fail(id, error)
      return
    }
    const storing = isStoring(run) ? run : undefined
    if (storing === undefined && !isThenable(run)) return this.#answer(id, run)
    const task = { id, channel, startedAtMs: this.context.clock.now(), bytes, abort, storing, place: -1 }
    const work = (this.#work ??= this.context.works.take())
    work.begin(task)
    if (storing !== undefined) return this.#awaitStored(task, work, storing)
    ;(run as Promise<CommandOutcome>).then(
      (outcome) => this.#settle(task, work, outcome),
      (error: unknown) => this.#settleFailed(task, work, error),
    )
  }

  #awaitStored(task: CommandTask, work: CommandWork, storing: StoringReply): void {
    storing.stored.then(
      () => this.#settle(task, work, storing.text()),
      (error: unknown) => {
        storing.failed(error)
        this.#settleFailed(task, work, error)
      },
    )
  }

  #settle(task: CommandTask, work: CommandWork, outcome: CommandOutcome): void {
    // Not there any more when the connection is gone or the time was over.
    if (isStoring(outcome) && work.has(task)) {
      work.store(task, outcome)
      this.#awaitStored(task, work, outcome)
    } else if (work.end(task)) this.#answer(task.id, outcome)
    else return abandonOutcome(outcome)
    this.#advance(work, task.channel)
  }

  #settleFailed(task: CommandTask, work: CommandWork, error: unknown): void {
    if (!work.end(task)) return
    this.#fail(task.id, error)
    this.#advance(work, task.channel)
  }

  /** Goes on with what waits in a lane. */
  #advance(work: CommandWork, lane: string | undefined): void {
    if (lane !== undefined) {
      for (let next = work.next(lane); next !== undefined; next = work.next(lane)) {
        this.#run(next.command, next.bytes, lane)
      }
    }
    if (!work.isIdle || this.#work !== work) return
    this.#work = undefined
    this.context.works.giveBack(work)
    if (this.#retirement !== undefined) this.#break(this.#retirement)
  }

  #answer(id: number, outcome: CommandOutcome): void {
    if (typeof outcome === 'string') return this.send(outcome)
    if (outcome === undefined || isStoring(outcome)) return
    try {
      this.send(outcome.text())
      outcome.afterwards()
    } catch (error) {
      outcome.abandon()
      this.#fail(id, error)
    }
  }

  #fail(id: number, error: unknown): void {
    if (isInternalError(error)) this.context.handlers.report(error, 'command')
    this.#refuse(id, toReplyError(error))
  }

  /** Tells that a command failed; nothing where no reply is due. */
  #refuse(id: number, error: ReplyError): void {
    if (id > 0) this.send(refuse(id, error))
  }

  #admitId(id: number): boolean {
    if (this.#ids.admit(id)) return true
    this.#break(DISCONNECT.BAD_REQUEST)
    return false
  }

  #startConnect(id: number, request: ConnectRequest): void {
    if (this.phase !== 'new' || id === 0) return this.#break(DISCONNECT.BAD_REQUEST)
    this.phase = 'connecting'
    const work = (this.#work ??= this.context.works.take())
    work.occupy(CONNECT_LANE)
    void this.#connect(id, request, work)
  }

  /** Never rejects. */
  async #connect(id: number, request: ConnectRequest, work: CommandWork): Promise<void> {
    const { handlers, clock } = this.context
    try {
      const grant = await handlers.connect(this, request)
      if (this.isClosed) return
      if (grant.expiresAtMs !== undefined && grant.expiresAtMs <= clock.now()) {
        return this.#refuseConnect(id, PROTOCOL_ERROR.TOKEN_EXPIRED)
      }
      this.user = grant.user
      this.state = grant.state
      this.renew(grant.expiresAtMs, grant.info)
      if (!this.#index.identify(this)) return this.#break(DISCONNECT.CONNECTION_LIMIT)
      await this.#enter(id, request, grant)
      if (!this.isClosed) this.#releaseEarly(work)
    } catch (error) {
      if (this.isClosed) return
      if (isInternalError(error)) handlers.report(error, 'connect')
      this.#refuseConnect(id, toReplyError(error))
    }
  }

  async #enter(id: number, request: ConnectRequest, grant: ConnectGrant): Promise<void> {
    const joined = grant.channels === undefined ? [] : await joinGranted(this, grant, request)
    if (this.isClosed) return
    const { limits, clock, wheel } = this.context
    this.phase = 'connected'
    // Spread, so that the pings of those who connected together do not stay together.
    this.#pingTick = wheel.now + 1 + Math.floor(clock.random() * ticksOf(limits.pingIntervalMs))
    wheel.move(this, this.#nextWake())
    const wanted = joined.filter(({ subscription }) => subscription.state === 'joining')
    for (const { isSound } of wanted) {
      if (!isSound) return this.#break(DISCONNECT.INSUFFICIENT_STATE)
    }
    this.send(encodeResultReply(id, 'connect', encodeConnectResult(this, grant, wanted)))
    for (const one of wanted) one.goLive()
    for (const one of wanted) this.announceJoin(one.subscription)
  }

  /** Runs what came while `connect` was under way, each in its own lane. */
  #releaseEarly(work: CommandWork): void {
    work.release(CONNECT_LANE)
    for (let next = work.next(CONNECT_LANE); next !== undefined; next = work.next(CONNECT_LANE)) {
      const lane = channelOf(next.command)
      if (lane !== undefined && work.mustWait(lane, next.command)) work.wait(lane, next)
      else this.#run(next.command, next.bytes, lane)
      if (this.isClosed) return
    }
    this.#advance(work, undefined)
  }

  #refuseConnect(id: number, error: ReplyError): void {
    this.#refuse(id, error)
    const isWorthTrying = error.temporary === true || error.code === PROTOCOL_ERROR.TOKEN_EXPIRED.code
    if (isWorthTrying) this.#break(DISCONNECT.NORMAL)
    else if (error.code === PROTOCOL_ERROR.UNAUTHORIZED.code) this.#break(DISCONNECT.INVALID_TOKEN)
    else this.#break(DISCONNECT.PERMISSION_DENIED)
  }

  override wake(now: number): number {
    const { limits } = this.context
    if (this.phase !== 'connected') {
      if (now >= this.#pingTick) this.#break(DISCONNECT.STALE)
      return this.#pingTick
    }
    const ending = this.#findEnding(now)
    if (ending !== undefined) {
      this.#break(ending)
      return Infinity
    }
    if (now >= this.#pingTick) {
      this.ping()
      if (this.#pongTick === 0) this.#pongTick = now + ticksOf(limits.pongTimeoutMs)
      this.#pingTick = now + ticksOf(limits.pingIntervalMs)
      this.#keepHouse()
    }
    return this.#nextWake()
  }

  #nextWake(): number {
    const { wheel, clock, limits } = this.context
    let tick = this.#pingTick
    if (this.#pongTick !== 0) tick = Math.min(tick, this.#pongTick)
    if (this.expiresAtMs === 0) return tick
    return Math.min(tick, wheel.now + ticksOf(this.expiresAtMs + limits.expiryGraceMs - clock.now()))
  }

  /** Why the connection has to end now. */
  #findEnding(now: number): Disconnect | undefined {
    const { limits, clock } = this.context
    if (this.#pongTick !== 0 && now >= this.#pongTick) return DISCONNECT.NO_PONG
    if (this.expiresAtMs !== 0 && clock.now() >= this.expiresAtMs + limits.expiryGraceMs)
      return DISCONNECT.EXPIRED
    return this.transport.bufferedAmount > limits.bufferedBytes ? DISCONNECT.SLOW : undefined
  }

  /** What is due now and then: presence is prolonged, and what took too long ends. */
  #keepHouse(): void {
    const { limits, clock } = this.context
    const nowMs = clock.now()
    for (const subscription of this.subscriptions?.values() ?? []) {
      if (subscription.state !== 'live') continue
      if (subscription.expiresAtMs !== 0 && nowMs >= subscription.expiresAtMs + limits.expiryGraceMs) {
        this.endSubscription(subscription, UNSUBSCRIBE.EXPIRED.code, UNSUBSCRIBE.EXPIRED.reason)
      } else if (subscription.isPresent) void this.setPresence(subscription)
    }
    for (const task of this.#work?.tasks ?? []) {
      if (nowMs - task.startedAtMs >= limits.commandTimeoutMs) this.#giveUp(task)
    }
  }

  /** A handler or broker does not come back: what waits behind it goes on. */
  #giveUp(task: CommandTask): void {
    const work = this.#work!
    work.end(task)
    task.abort?.abort()
    task.storing?.giveUp()
    this.#fail(
      task.id,
      new GoWebError(
        'COMMAND_TIMEOUT',
        `A command took more than ${this.context.limits.commandTimeoutMs} ms`,
      ),
    )
    const joining = task.channel === undefined ? undefined : this.subscriptions?.get(task.channel)
    if (joining?.state === 'joining') this.drop(joining)
    this.#advance(work, task.channel)
  }
}
