import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Subscription } from '../../../src/realtime/subscription.ts'
import { SubscriptionTable } from '../../../src/realtime/subscription-table.ts'

/** Of a subscription the table looks at its name only. */
const subscription = (name: string): Subscription => ({ name }) as Subscription

test('a table of subscriptions finds, removes and lists each, whichever came first', () => {
  const table = new SubscriptionTable()
  assert.equal(table.size, 0)
  assert.deepEqual(table.values(), [])
  const [a, b, c] = ['a', 'b', 'c'].map(subscription) as [Subscription, Subscription, Subscription]
  for (const each of [a, b, c]) table.add(each)
  assert.equal(table.size, 3)
  assert.equal(table.get('a'), a)
  assert.equal(table.get('c'), c)
  assert.equal(table.has('d'), false)
  table.delete(a)
  assert.equal(table.get('a'), undefined)
  assert.deepEqual(table.values(), [b, c])
  const again = subscription('a')
  table.add(again)
  table.delete(a)
  assert.equal(table.get('a'), again)
  assert.equal(table.size, 3)
  for (const each of table.values()) table.delete(each)
  assert.equal(table.size, 0)
})
