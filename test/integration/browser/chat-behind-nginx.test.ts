// The same pages and people through nginx; the others are behind it with `CHAT_PROXY=nginx npm test -- integration/browser/chat`.
process.env['CHAT_PROXY'] = 'nginx'
await import('./chat-kill.test.ts')
