// Preloaded into every test process on Node: at the time-out, the runner asks what keeps the process alive.
process.on('SIGUSR2', () => {
  const resources = process.getActiveResourcesInfo().filter((name) => name !== 'SignalWrap')
  process.stderr.write(
    `\nStill open: ${resources.length === 0 ? 'nothing but code that runs' : resources.join(', ')}\n`,
  )
})
