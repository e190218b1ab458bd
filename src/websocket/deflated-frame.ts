import type { CompressionSettings } from './compression-options.ts'
import type { DeflateCodec, DeflateRequest } from './deflate-codec.ts'
import { messageHeader } from './frame-writer.ts'

/** How messages of a socket are deflated; the same for all whose clients agreed on the same. */
export interface DeflateProfile {
  readonly settings: CompressionSettings
  readonly windowBits: number
  readonly codec: DeflateCodec
}

/** Whoever waits for a frame. */
export interface FrameHolder {
  /** Whether it still waits. */
  readonly isWaiting: boolean
  /** The frame is there. */
  release(): void
  /** The message could not be deflated: the frame has it as it is. */
  handleFailure(): void
}

/** What a frame is made of. */
export interface FrameSource {
  readonly isText: boolean
  readonly payload: Uint8Array
  readonly history: Uint8Array
  readonly profile: DeflateProfile
}

/** A message that is being deflated beside the event loop, for one socket or for many. */
export class DeflatedFrame implements DeflateRequest {
  readonly payload: Uint8Array
  readonly history: Uint8Array
  readonly profile: DeflateProfile
  readonly windowBits: number
  readonly level: number
  readonly memLevel: number
  /** Header and payload; undefined until they are there. */
  pieces: readonly Uint8Array[] | undefined = undefined
  readonly holders: FrameHolder[] = []
  readonly #isText: boolean

  constructor({ isText, payload, history, profile }: FrameSource) {
    this.#isText = isText
    this.profile = profile
    this.payload = payload
    this.history = history
    this.windowBits = profile.windowBits
    this.level = profile.settings.level
    this.memLevel = profile.settings.memLevel
  }

  get isWanted(): boolean {
    return this.holders.some((holder) => holder.isWaiting)
  }

  /** Starts the work; every holder is told when it is done. */
  start(): void {
    this.profile.codec.deflate(this, (deflated) => {
      const payload = deflated ?? this.payload
      this.pieces = [messageHeader(this.#isText, deflated !== undefined, payload.length), payload]
      for (const holder of this.holders) {
        if (deflated === undefined) holder.handleFailure()
        holder.release()
      }
    })
  }
}
