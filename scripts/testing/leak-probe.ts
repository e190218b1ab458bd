// Preloaded into every test process on Node: at the time-out, the runner asks what keeps the process alive.
process.on('SIGUSR2', () => {
  const resources = process.getActiveResourcesInfo()
  // The process's own standard output and error are pipes to the runner.
  for (let pipes = 0; pipes < 2 && resources.includes('PipeWrap'); pipes += 1) {
    resources.splice(resources.indexOf('PipeWrap'), 1)
  }
  process.stderr.write(
    `\nStill open: ${resources.length === 0 ? 'nothing; code was running' : resources.join(', ')}\n`,
  )
})
