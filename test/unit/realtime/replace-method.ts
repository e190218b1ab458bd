import type { Broker, BrokerNode } from '../../../src/realtime/broker.ts'

/** A broker like another one, but for one method of its nodes. */
export function replaceMethod<Name extends keyof BrokerNode>(
  broker: Broker,
  name: Name,
  replacement: (inner: BrokerNode) => BrokerNode[Name],
  { keepsPublishOrder = false }: Pick<BrokerNode, 'keepsPublishOrder'> = {},
): Broker {
  return {
    connect(listener) {
      const inner = broker.connect(listener)
      if (inner instanceof Promise) throw new TypeError('for brokers that answer at once')
      const method = replacement(inner)
      return new Proxy(inner, {
        get(target, property) {
          if (property === name) return method
          if (property === 'keepsPublishOrder') return keepsPublishOrder
          const original: unknown = Reflect.get(target, property)
          return typeof original === 'function' ? original.bind(target) : original
        },
      })
    },
  }
}
