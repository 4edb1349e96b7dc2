import { type ReactNode, useLayoutEffect, useRef } from 'react'
import './Dialog.css'

interface DialogProps {
  label: string
  onClose: () => void
  children: ReactNode
}

/** Lies over the page, which rests meanwhile; the keyboard returns to where it was. */
export function Dialog({ label, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    shown?.querySelector<HTMLElement>('input, button')?.focus()
    return () => shown?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-label={label}
      closedby="any"
      // Told late: in between it may have been opened once more.
      onClose={() => dialog.current?.open === false && onClose()}
    >
      {children}
    </dialog>
  )
}
