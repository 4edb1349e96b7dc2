interface Waiting {
  readonly task_id: string
}

/** The task that the one at `from` has to go before to stand at place `to`; null: at the end. */
export function placeBefore(tasks: readonly Waiting[], from: number, to: number): string | null {
  return tasks[to > from ? to + 1 : to]?.task_id ?? null
}

/** The tasks as they are once one of them is put before another, or at the end. */
export function withMoved<T extends Waiting>(
  tasks: readonly T[],
  taskId: string,
  before: string | null,
): readonly T[] {
  const moved = tasks.find(({ task_id }) => task_id === taskId)
  if (moved === undefined) return tasks
  const others = tasks.filter(({ task_id }) => task_id !== taskId)
  const place = others.findIndex(({ task_id }) => task_id === before)
  return place < 0 ? [...others, moved] : others.toSpliced(place, 0, moved)
}
