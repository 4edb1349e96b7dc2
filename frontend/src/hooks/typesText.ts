/** Whether a key goes into a field, where it is no command. */
export function typesText({ target }: KeyboardEvent): boolean {
  return (
    target instanceof Element &&
    target.closest('input, textarea, select, [contenteditable=true], [role=combobox]') !== null
  )
}
