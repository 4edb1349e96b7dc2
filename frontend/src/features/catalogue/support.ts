import type { SupportCell } from '@/api/types'

export interface MatrixRow {
  /** Null stands for any model that was not measured, as does a chip that is null. */
  readonly model: string | null
  readonly byChip: ReadonlyMap<string | null, SupportCell>
}

export function enginesOf(cells: readonly SupportCell[]): string[] {
  return [...new Set(cells.map(({ engine }) => engine))].filter((engine) => engine !== null)
}

/** The cells of one engine, models by chips, in the order of the service. */
export function matrixOf(
  cells: readonly SupportCell[],
  engine: string | undefined,
): { chips: readonly (string | null)[]; rows: readonly MatrixRow[] } {
  const own = cells.filter((cell) => cell.engine === engine)
  const models = [...new Set(own.map(({ model }) => model))]
  const rows = models.map((model) => ({
    model,
    byChip: new Map(own.filter((cell) => cell.model === model).map((cell) => [cell.chip, cell])),
  }))
  return { chips: [...new Set(own.map(({ chip }) => chip))], rows }
}
