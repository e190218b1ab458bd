import { app } from './app.ts'

const response = await app.fetch(new Request('http://localhost/hello/world'))
console.log(await response.text())
