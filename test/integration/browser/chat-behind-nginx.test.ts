// The same people and pages behind nginx, with TLS; the others with `CHAT_PROXY=nginx-tls npm test -- integration/browser/chat`.
process.env['CHAT_PROXY'] = 'nginx-tls'
await import('./chat-kill.test.ts')
