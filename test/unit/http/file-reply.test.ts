import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readlink, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'

import type { GoWebError } from '../../../src/errors/goweb-error.ts'
import { discardBody } from '../../../src/http/body-stream.ts'
import { fileReply, type FileOptions } from '../../../src/http/file-reply.ts'
import { locateFile } from '../../../src/http/locate-file.ts'
import type { Reply } from '../../../src/http/reply.ts'
import { toResponse } from '../../../src/http/to-response.ts'
import { hasCode } from './has-code.ts'

const MODIFIED = new Date('2026-01-02T03:04:05.678Z')
const LARGE = 300_000

let top = ''
let root = ''

before(async () => {
  top = await mkdtemp(join(tmpdir(), 'goweb-files-'))
  root = join(top, 'root')
  await mkdir(join(root, 'sub', '.git'), { recursive: true })
  await mkdir(join(root, '.well-known'))
  await mkdir(join(top, 'root-twin'))
  const files: Record<string, string | Uint8Array> = {
    'root/hello.txt': 'hello world',
    'root/empty.bin': '',
    'root/large.bin': Uint8Array.from({ length: LARGE }, (_, i) => i % 251),
    'root/page.html': '<p>',
    'root/.env': 'secret',
    'root/sub/.git/config': 'secret',
    'root/sub/a b é.css': 'a{}',
    'root/..double': 'dots',
    'root/.well-known/security.txt': 'contact',
    'outside.txt': 'outside',
    'root-twin/twin.txt': 'twin',
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(top, name), content)
  await symlink(join(top, 'outside.txt'), join(root, 'escape.txt'))
  await symlink(top, join(root, 'up'))
  await symlink(join(top, 'root-twin'), join(root, 'twin'))
  await symlink(join(root, 'hello.txt'), join(root, 'inside.txt'))
  await symlink(join(root, 'hello.txt'), join(root, 'inside.html'))
  await symlink('loop.txt', join(root, 'loop.txt'))
  await symlink(root, join(top, 'link-to-root'))
  for (const name of ['hello.txt', 'large.bin']) await utimes(join(root, name), MODIFIED, MODIFIED)
})

after(() => rm(top, { recursive: true }))

function get(
  path: string,
  headers: Record<string, string> = {},
  options: FileOptions & { method?: string } = {},
): Promise<Reply> {
  const { method = 'GET', ...rest } = options
  return fileReply({ method, header: (name) => headers[name] }, path, { root, ...rest })
}

async function textOf(reply: Reply): Promise<string> {
  return toResponse(reply, false).text()
}

describe('fileReply', () => {
  test('answers with type, length, validators and content', async () => {
    const reply = await get('hello.txt')
    assert.deepEqual([reply.status, reply.type], [200, 'text/plain; charset=utf-8'])
    assert.equal(reply.headers.get('content-length'), '11')
    assert.equal(reply.headers.get('last-modified'), 'Fri, 02 Jan 2026 03:04:05 GMT')
    assert.match(reply.headers.get('etag') ?? '', /^W\/"/)
    assert.equal(reply.headers.get('accept-ranges'), 'bytes')
    assert.equal(reply.headers.get('cache-control'), 'no-cache')
    assert.equal(await textOf(reply), 'hello world')
  })

  test('takes absolute paths without a root', async () => {
    assert.equal(
      await textOf(await fileReply({ method: 'GET', header: () => undefined }, join(root, 'hello.txt'))),
      'hello world',
    )
    const request = { method: 'GET', header: () => undefined }
    await assert.rejects(fileReply(request, join(root, 'none')), hasCode('NOT_FOUND'))
    await assert.rejects(fileReply(request, root), hasCode('NOT_FOUND'))
    await assert.rejects(fileReply(request, `${join(root, 'hello.txt')}\0.png`), hasCode('NOT_FOUND'))
  })

  test('streams large files, whole', async () => {
    const reply = await get('large.bin')
    assert.equal(reply.type, 'application/octet-stream')
    assert.equal(reply.headers.get('content-length'), String(LARGE))
    const bytes = new Uint8Array(await toResponse(reply, false).arrayBuffer())
    assert.equal(bytes.byteLength, LARGE)
    assert.ok(bytes.every((byte, i) => byte === i % 251))
  })

  test('answers with an empty file', async () => {
    const reply = await get('empty.bin')
    assert.equal(reply.headers.get('content-length'), '0')
    assert.equal(await textOf(reply), '')
    await assert.rejects(get('empty.bin', { range: 'bytes=0-' }), hasCode('RANGE_NOT_SATISFIABLE'))
  })

  test('answers HEAD with the headers of GET and without opening', async () => {
    for (const name of ['hello.txt', 'large.bin']) {
      const head = await get(name, {}, { method: 'HEAD' })
      assert.equal(head.body, null)
      const full = await get(name)
      assert.deepEqual([...head.headers], [...full.headers])
      discardBody(full.body)
    }
    const ranged = await get('hello.txt', { range: 'bytes=0-1' }, { method: 'HEAD' })
    assert.deepEqual([ranged.status, ranged.headers.get('content-length')], [200, '11'])
  })

  test('takes type, cache, download and what not to send from its options', async () => {
    const reply = await get(
      'hello.txt',
      {},
      {
        type: 'text/x-own',
        cacheControl: 'public, max-age=60',
        etag: false,
        lastModified: false,
        acceptRanges: false,
        download: 'ü.txt',
      },
    )
    assert.equal(reply.type, 'text/x-own')
    assert.deepEqual(
      [...reply.headers],
      [
        ['cache-control', 'public, max-age=60'],
        ['content-disposition', `attachment; filename="?.txt"; filename*=UTF-8''%C3%BC.txt`],
        ['content-length', '11'],
      ],
    )
    const named = await get('sub/a b é.css', {}, { download: true })
    assert.match(named.headers.get('content-disposition') ?? '', /filename\*=UTF-8''a%20b%20%C3%A9\.css$/)
    assert.equal((await get('hello.txt', {}, { download: false })).headers.has('content-disposition'), false)
    const whole = await get('hello.txt', { range: 'bytes=0-1' }, { acceptRanges: false })
    assert.deepEqual([whole.status, await textOf(whole)], [200, 'hello world'])
  })
})

describe('fileReply and conditions', () => {
  test('answers 304 with the validators and nothing else', async () => {
    const etag = (await get('hello.txt')).headers.get('etag') ?? ''
    for (const headers of [
      { 'if-none-match': etag },
      { 'if-none-match': '*' },
      { 'if-modified-since': MODIFIED.toUTCString() },
    ]) {
      const reply = await get('hello.txt', headers)
      assert.deepEqual([reply.status, reply.body, reply.type], [304, null, undefined])
      assert.deepEqual(
        [...reply.headers].map(([name]) => name),
        ['cache-control', 'etag', 'last-modified'],
      )
    }
    assert.equal((await get('hello.txt', { 'if-none-match': '"other"' })).status, 200)
  })

  test('refuses with 412', async () => {
    await assert.rejects(get('hello.txt', { 'if-match': '"other"' }), hasCode('PRECONDITION_FAILED'))
    await assert.rejects(
      get('hello.txt', { 'if-unmodified-since': new Date(0).toUTCString() }),
      hasCode('PRECONDITION_FAILED'),
    )
  })
})

describe('fileReply and ranges', () => {
  test('gives parts of small and large files', async () => {
    const cases: [range: string, status: number, contentRange: string | undefined, text: string][] = [
      ['bytes=0-4', 206, 'bytes 0-4/11', 'hello'],
      ['bytes=-5', 206, 'bytes 6-10/11', 'world'],
      ['bytes=6-', 206, 'bytes 6-10/11', 'world'],
      ['bytes=0-0', 206, 'bytes 0-0/11', 'h'],
      ['bytes=0-100', 206, 'bytes 0-10/11', 'hello world'],
      ['bytes=0-4,5-6', 206, 'bytes 0-6/11', 'hello w'],
      ['bytes=0-0,-1', 200, undefined, 'hello world'],
      ['bytes=x', 200, undefined, 'hello world'],
      ['lines=1-2', 200, undefined, 'hello world'],
    ]
    for (const [range, status, contentRange, text] of cases) {
      const reply = await get('hello.txt', { range })
      assert.deepEqual([reply.status, reply.headers.get('content-range')], [status, contentRange], range)
      assert.equal(reply.headers.get('content-length'), String(text.length))
      assert.equal(await textOf(reply), text)
    }
    const reply = await get('large.bin', { range: 'bytes=1000-200999' })
    const bytes = new Uint8Array(await toResponse(reply, false).arrayBuffer())
    assert.equal(bytes.byteLength, 200_000)
    assert.ok(bytes.every((byte, i) => byte === (i + 1_000) % 251))
  })

  test('answers 416 with the size', async () => {
    await assert.rejects(get('hello.txt', { range: 'bytes=11-' }), (error) => {
      hasCode('RANGE_NOT_SATISFIABLE')(error)
      assert.deepEqual((error as GoWebError).headers, { 'content-range': 'bytes */11' })
      return true
    })
  })

  test('ignores Range unless If-Range holds, and for other methods', async () => {
    const etag = (await get('hello.txt')).headers.get('etag') ?? ''
    const range = 'bytes=0-1'
    assert.equal((await get('hello.txt', { range, 'if-range': MODIFIED.toUTCString() })).status, 206)
    assert.equal((await get('hello.txt', { range, 'if-range': new Date(0).toUTCString() })).status, 200)
    // The tag is weak, which If-Range does not take.
    assert.equal((await get('hello.txt', { range, 'if-range': etag })).status, 200)
    assert.equal((await get('hello.txt', { range }, { method: 'POST' })).status, 200)
  })
})

describe('fileReply within a root', () => {
  test('serves what is inside', async () => {
    for (const [path, text] of [
      ['/hello.txt', 'hello world'],
      ['//hello.txt', 'hello world'],
      ['sub//a b é.css', 'a{}'],
      ['inside.txt', 'hello world'],
      ['.well-known/security.txt', 'contact'],
    ] as const) {
      assert.equal(await textOf(await get(path)), text, path)
    }
    assert.equal(await textOf(await get('hello.txt', {}, { root: join(top, 'link-to-root') })), 'hello world')
    assert.equal((await get('inside.html')).type, 'text/html; charset=utf-8')
    assert.equal(await textOf(await get('.env', {}, { allowDotfiles: true })), 'secret')
    assert.equal(await textOf(await get('sub/.git/config', {}, { allowDotfiles: true })), 'secret')
  })

  test('takes everything else for missing, without telling the path', async () => {
    for (const path of [
      '',
      '/',
      '.',
      'none.txt',
      'sub',
      'sub/',
      'hello.txt/',
      'hello.txt/x',
      '../outside.txt',
      'sub/../../outside.txt',
      'sub/../hello.txt',
      '/../outside.txt',
      String.raw`..\outside.txt`,
      String.raw`sub\..\..\outside.txt`,
      './hello.txt',
      'hello.txt\0',
      '\0',
      '.env',
      'sub/.git/config',
      '..double',
      'sub/.well-known/x',
      'escape.txt',
      'up/outside.txt',
      'up/root/hello.txt/../../outside.txt',
      'twin/twin.txt',
      'loop.txt',
      'x'.repeat(5_000),
      '%2e%2e/outside.txt',
      'hello.txt?x',
    ]) {
      await assert.rejects(
        get(path),
        (error) => {
          hasCode('NOT_FOUND')(error)
          assert.equal(String(error), 'GoWebError: There is no such file')
          return true
        },
        JSON.stringify(path),
      )
    }
  })

  test('takes a path that is absolute for one inside of the root', async () => {
    await assert.rejects(get(join(top, 'outside.txt')), hasCode('NOT_FOUND'))
    await assert.rejects(get('/etc/passwd'), hasCode('NOT_FOUND'))
  })

  test('takes a missing root for a missing file', async () => {
    await assert.rejects(get('hello.txt', {}, { root: join(top, 'none') }), hasCode('NOT_FOUND'))
  })

  test('does not serve devices', async () => {
    assert.equal(await locateFile('/dev/null'), undefined)
  })
})

const FD_FOLDER = '/proc/self/fd'

/** How often this process has a file open. */
async function openCount(path: string): Promise<number> {
  const targets = await Promise.all(
    (await readdir(FD_FOLDER)).map((fd) => readlink(join(FD_FOLDER, fd)).catch(() => '')),
  )
  return targets.filter((target) => target === path).length
}

describe('the handle of a large file', { skip: !existsSync(FD_FOLDER) && 'there is no /proc here' }, () => {
  test('is opened with the first read and closed when the client leaves', async () => {
    const path = await realpath(join(root, 'large.bin'))
    const reply = await get('large.bin')
    assert.equal(await openCount(path), 0)
    const reader = toResponse(reply, false).body?.getReader()
    await reader?.read()
    assert.equal(await openCount(path), 1)
    await reader?.cancel()
    // The closing goes through the file system, so it takes its time.
    while ((await openCount(path)) > 0) await new Promise(setImmediate)
  })

  test('is closed at the end, and never opened for a body that is given up', async () => {
    const path = await realpath(join(root, 'large.bin'))
    await toResponse(await get('large.bin'), false).arrayBuffer()
    while ((await openCount(path)) > 0) await new Promise(setImmediate)
    discardBody((await get('large.bin')).body)
    assert.equal(await openCount(path), 0)
  })
})

describe('a file that changes', () => {
  test('is not sent half old and half new', async () => {
    const path = join(root, 'changing.bin')
    await writeFile(path, new Uint8Array(LARGE))
    const reply = await get('changing.bin')
    await writeFile(path, new Uint8Array(LARGE + 1))
    await assert.rejects(toResponse(reply, false).arrayBuffer(), hasCode('UNAVAILABLE'))
    await rm(path)
  })

  test('is not followed out of the root', async () => {
    const path = join(root, 'swapped.bin')
    await writeFile(path, new Uint8Array(LARGE))
    const reply = await get('swapped.bin')
    await rm(path)
    await symlink(join(top, 'outside.txt'), path)
    await assert.rejects(toResponse(reply, false).arrayBuffer(), hasCode('UNAVAILABLE'))
    await rm(path)
  })
})
