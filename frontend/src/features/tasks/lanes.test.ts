import { expect, test } from 'vitest'
import { placeBefore, withMoved } from './lanes'

const tasks = ['a', 'b', 'c', 'd'].map((task_id) => ({ task_id }))

test('each step up or down, to the front or the end, ends where it should', () => {
  for (let from = 0; from < 4; from += 1) {
    for (let to = 0; to < 4; to += 1) {
      if (from === to) continue
      const moved = tasks[from]?.task_id ?? ''
      const after = withMoved(tasks, moved, placeBefore(tasks, from, to))
      expect(after.findIndex(({ task_id }) => task_id === moved)).toBe(to)
      expect(after.filter(({ task_id }) => task_id !== moved)).toEqual(
        tasks.filter(({ task_id }) => task_id !== moved),
      )
    }
  }
})
