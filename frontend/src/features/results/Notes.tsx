import type { EvaluationWarning } from '@/api/types'
import { WarningText } from '@/components/WarningText'

/** What the figures above take for granted, quietly. */
export function Notes({ warnings }: { warnings: readonly EvaluationWarning[] }) {
  return warnings.map((warning) => (
    <p key={warning.message} className="muted note">
      <WarningText warning={warning} />
    </p>
  ))
}
