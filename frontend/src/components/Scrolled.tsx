import type { ReactNode } from 'react'

/** Preformatted text that scrolls, also by the keyboard. */
export function Scrolled({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls, a section a landmark
    // biome-ignore lint/a11y/noNoninteractiveTabindex: only a stop of its own lets the keyboard scroll it
    <div className="scrolled" role="group" aria-label={label} tabIndex={0}>
      <pre>{children}</pre>
    </div>
  )
}
