/** What waits for a client to answer a ping. */
export interface PongListener {
  onPong(): void
}
