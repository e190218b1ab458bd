import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CURRENT, OLDER, compile, type Compilation, type Compiler } from './compile.ts'

const ROUTES = 200
const CHANNELS = 50

/** An app whose handlers use what is inferred from their patterns and schemas, as one chain. */
function appOf(count: number, channelCount: number): string {
  const routes = Array.from({ length: count }, (_, index) => {
    const path = `/resource-${index}/{id}/part/{part:[a-z]+}`
    if (index % 3 !== 0)
      return `  .get('${path}', (c) => c.json({ id: c.params.id, part: c.params.part, n: ${index} as const }))`
    return `  .post('${path}', { body: Item }, (c) => c.json({ id: c.params.id, name: c.body.name, n: ${index} as const }, 201))`
  })
  const channels = Array.from({ length: channelCount }, (_, index) => {
    return `  .channel('channel-${index}/{id}', {
      delivery: 'replay',
      events: { message: Item, typing: { schema: Item, from: 'client' } },
      subscribe: (c) => c.params.id !== '',
      on: { message: (c, data) => ({ ...data, id: c.params.id, n: ${index} as const }) },
    })`
  })
  return `
    import { GoWeb } from 'goweb'
    type Item = { name: string; tags: string[] }
    declare const Item: { readonly '~standard': {
      readonly version: 1
      readonly vendor: string
      readonly validate: (value: unknown) => { value: Item }
      readonly types?: { readonly input: Item; readonly output: Item }
    } }
    export const app = new GoWeb()\n${[...routes, ...channels].join('\n')}
    type Output<T> = T extends { readonly '~types'?: infer R } ? NonNullable<R> extends { routes: infer X } ? X : never : never
    type Last = Output<typeof app>['POST /resource-0/{id}/part/{part:[a-z]+}']
    export const last = { name: 'text' } satisfies Pick<Last extends { output: infer O } ? O : never, 'name'>
  `
}

async function measure(compiler: Compiler, count: number, channels: number): Promise<Compilation> {
  // The older compiler calls the newest library by no number.
  const compilerOptions = compiler === OLDER ? { lib: ['ESNext'] } : {}
  const compilation = await compile({
    compiler,
    compilerOptions,
    scratch: { 'app.ts': appOf(count, channels) },
  })
  assert.deepEqual(compilation.diagnostics, [])
  return compilation
}

describe('an app of many routes and channels', () => {
  for (const compiler of [CURRENT, OLDER]) {
    test(`type-checks with TypeScript ${compiler.version}`, async () => {
      const one = await measure(compiler, 1, 0)
      const routes = await measure(compiler, ROUTES, 0)
      const all = await measure(compiler, ROUTES, CHANNELS)
      // The goal is 2 s on TypeScript 7 in total; what is asserted is work, which no busy machine changes.
      const times = `${all.seconds.toFixed(2)} s with ${ROUTES} routes and ${CHANNELS} channels, ${one.seconds.toFixed(2)} s with one route`
      const perRoute = Math.round((routes.instantiations - one.instantiations) / ROUTES)
      const perChannel = Math.round((all.instantiations - routes.instantiations) / CHANNELS)
      const work = `${perRoute} instantiations for each route, ${perChannel} for each channel`
      console.log(`note: TypeScript ${compiler.version}: ${times}; ${work}`)
      assert.ok(perRoute < 1_500 && perChannel < 5_000, work)
    })
  }
})
