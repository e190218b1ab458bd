import { GoWeb, type Socket } from 'goweb'
import { z } from 'zod'
import { same } from './equal.ts'

interface User {
  readonly id: number
  readonly name: string
}

const NewUser = z.object({ name: z.string(), age: z.coerce.number() })

/** Names of path variables come from the pattern. */
export const params: object = new GoWeb()
  .get('/plain', (c) => {
    same<keyof typeof c.params, never>()
    return c.text('')
  })
  .get('/users/{id:[0-9]{1,3}}/files/{path...}', (c) => {
    same<keyof typeof c.params, 'id' | 'path'>()
    same<typeof c.params.id, string>()
    same<typeof c.params.path, string>()
    return c.json({ id: c.params.id })
  })

/** Schemas type the body and the query by what they give, not by what they take. */
export const schemas: object = new GoWeb().post(
  '/users',
  { body: NewUser, query: z.object({ dry: z.stringbool() }) },
  (c) => {
    same<typeof c.body, { name: string; age: number }>()
    same<typeof c.query, { dry: boolean }>()
    return c.json({ created: c.body.name }, 201)
  },
)

/** What a middleware adds is in the context of what is defined afterwards. */
export const additions: object = new GoWeb()
  .use((c, next) => {
    const user: User = { id: 1, name: c.kind }
    return next({ user })
  })
  .get('/me', (c) => {
    same<typeof c.user, User>()
    return c.json(c.user)
  })
  .ws('/me', {
    upgrade: (c) => ({ user: c.user, since: 1 }),
    message: (socket, message) => {
      same<typeof socket, Socket<{ user: User; since: number }>>()
      same<typeof message, string | Uint8Array>()
    },
  })

/** Named routes build URLs with the values that their patterns need. */
export const urls: string[] = [
  new GoWeb().get('/users/{id}', { name: 'user' }, (c) => c.text(c.params.id)).url('user', { id: 1 }),
  new GoWeb().get('/', { name: 'home' }, (c) => c.text('')).url('home'),
]
