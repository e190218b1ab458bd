/** The chat on http://localhost:8080: `npm start`, or `PORT=3000 DATA=/tmp/chat.db npm start`. */
import { isGoWebError } from 'goweb'
import { app } from './app.ts'

try {
  const server = await app.listen({ port: Number(process.env['PORT'] ?? 8080), drain: true })
  console.log(`The chat is open: ${server.url}`)
} catch (error) {
  console.error(isGoWebError(error) ? `The chat cannot start: ${error.message}` : error)
  process.exitCode = 1
}
