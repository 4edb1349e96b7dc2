import { describe, expect, test } from 'vitest'
import { liveTask, runningTask, snapshot, update } from '@/events/examples'
import { applyEvent, type LiveTasks, withRunning, withSubmitted } from '@/events/liveTasks'

const progressOf = (tasks: LiveTasks) => tasks.map(({ task_id, progress }) => [task_id, progress])

describe('an update', () => {
  test('of an unknown running task adds it', () => {
    expect(progressOf(applyEvent([], update({ progress: 40 })))).toEqual([['a', 40]])
  })

  test('moves a known task in its place', () => {
    const tasks = [liveTask(), liveTask({ task_id: 'b' })]
    const after = applyEvent(tasks, update({ progress: 55, sequence: 2 }))
    expect(progressOf(after)).toEqual([
      ['a', 55],
      ['b', 10],
    ])
  })

  test('older than what is known changes nothing', () => {
    const tasks = [liveTask({ progress: 80, sequence: 9 })]
    expect(applyEvent(tasks, update({ progress: 20, sequence: 8 }))).toBe(tasks)
  })

  test('keeps the times it does not carry', () => {
    const tasks = [liveTask({ created_at: '2026-11-23T10:00:00Z', sequence: null })]
    expect(applyEvent(tasks, update())[0]?.created_at).toBe('2026-11-23T10:00:00Z')
  })

  test('with the end of a task nobody here has seen is ignored', () => {
    expect(applyEvent([], update({ status: 'completed' }))).toEqual([])
  })

  test('with the end of a known task keeps it on the screen', () => {
    const after = applyEvent([liveTask()], update({ status: 'failed', error: 'Why', sequence: 2 }))
    expect(after[0]).toMatchObject({ status: 'failed', error: 'Why' })
  })
})

describe('a snapshot', () => {
  test('replaces what was running: what it lacks has ended', () => {
    const after = applyEvent([liveTask(), liveTask({ task_id: 'b' })], snapshot({ task_id: 'b' }))
    expect(progressOf(after)).toEqual([['b', 10]])
  })

  test('is believed even if its numbers start again after a restart of the server', () => {
    const after = applyEvent(
      [liveTask({ progress: 90, sequence: 500 })],
      snapshot({ progress: 5, sequence: 1 }),
    )
    expect(progressOf(after)).toEqual([['a', 5]])
    expect(progressOf(applyEvent(after, update({ progress: 6, sequence: 2 })))).toEqual([['a', 6]])
  })

  test('leaves a task that has just ended on the screen', () => {
    const after = applyEvent([liveTask({ status: 'completed' })], snapshot())
    expect(after.map(({ status }) => status)).toEqual(['completed'])
  })
})

test('a deleted task disappears', () => {
  const deleted = { type: 'task_deleted', task_id: 'a', experiment_name: 'x', sequence: 3 } as const
  expect(applyEvent([liveTask()], deleted)).toEqual([])
})

describe('the list of running tasks', () => {
  test('adds times to a task known by events, without undoing their progress', () => {
    const after = withRunning([liveTask({ progress: 70 })], [runningTask({ progress: 30 })])
    expect(after[0]).toMatchObject({ progress: 70, created_at: '2026-11-23T10:00:00Z' })
  })

  test('adds tasks no event has told of, and drops those it lacks', () => {
    const after = withRunning([liveTask({ task_id: 'gone' })], [runningTask({ task_id: 'new' })])
    expect(after.map(({ task_id }) => task_id)).toEqual(['new'])
  })
})

test('a submitted task is shown once, even if its first event was faster', () => {
  const known = [liveTask({ progress: 3 })]
  expect(withSubmitted(known, liveTask({ progress: 0 }))).toBe(known)
  expect(withSubmitted([], liveTask())).toHaveLength(1)
})
