import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GoWeb } from '../../../src/index.ts'

describe('c.query', () => {
  it('keeps a question mark that the first name begins with', async () => {
    const app = new GoWeb().get('/', (c) => [...c.query])
    const answer = await app.fetch(new Request('http://localhost/??a=1&b=2'))
    assert.deepEqual(await answer.json(), [
      ['?a', '1'],
      ['b', '2'],
    ])
  })

  it('is read by matchers the same way', async () => {
    const app = new GoWeb().get('/', { match: { query: { '?a': '1' } } }, () => 'matched')
    const answer = await app.fetch(new Request('http://localhost/??a=1'))
    assert.equal(await answer.text(), 'matched')
  })
})
