// Loaded before the page is painted, so that a remembered theme does not flash. No module, for the same reason.
;(() => {
  const root = document.documentElement
  const system = matchMedia('(prefers-color-scheme: dark)')

  const current = (): string => root.dataset['theme'] ?? (system.matches ? 'dark' : 'light')

  const show = (): void => {
    const theme = current()
    const next = theme === 'dark' ? 'light' : 'dark'
    for (const button of document.querySelectorAll('[data-theme-toggle]')) {
      button.setAttribute('aria-label', `Use the ${next} theme`)
      button.setAttribute('title', `Use the ${next} theme`)
    }
    const color = document.querySelector('meta[name=theme-color]')
    color?.setAttribute('content', theme === 'dark' ? '#171614' : '#f5f3ee')
  }

  try {
    const stored = localStorage.getItem('chat.theme')
    if (stored === 'dark' || stored === 'light') root.dataset['theme'] = stored
  } catch {
    // Storage is forbidden: the theme follows the system.
  }
  system.addEventListener('change', show)
  document.addEventListener('DOMContentLoaded', show)
  document.addEventListener('click', (event) => {
    if (!(event.target instanceof Element) || event.target.closest('[data-theme-toggle]') === null) return
    const next = current() === 'dark' ? 'light' : 'dark'
    root.dataset['theme'] = next
    show()
    try {
      localStorage.setItem('chat.theme', next)
    } catch {
      // It holds until the page is left.
    }
  })
})()
