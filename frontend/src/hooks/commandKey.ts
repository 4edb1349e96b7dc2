const fields =
  'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true], [role=combobox]'

/** Whether a key by itself is a command: it goes into no field, and no dialog lies over the page. */
export function isCommandKey(event: KeyboardEvent): boolean {
  const { target, defaultPrevented, ctrlKey, metaKey, altKey } = event
  if (defaultPrevented || ctrlKey || metaKey || altKey) return false
  if (document.querySelector('dialog[open]') !== null) return false
  return !(target instanceof Element && target.closest(`${fields}, [role=dialog]`))
}
