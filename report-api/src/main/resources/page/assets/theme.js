// Before anything is drawn: what a person chose goes over what the system prefers.
try {
  const chosen = localStorage.getItem('theme');
  if (chosen === 'light' || chosen === 'dark') {
    document.documentElement.dataset.theme = chosen;
  }
} catch {
  // Nothing can be kept in this browser: the system's choice stands.
}
