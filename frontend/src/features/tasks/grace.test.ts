// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { graceOf } from './grace'

test('it goes on once its time is over, or as the page is left', async () => {
  expect(await graceOf(0).over).toBe(true)
  const { over } = graceOf(1000)
  window.dispatchEvent(new Event('pagehide'))
  expect(await over).toBe(true)
})

test('what is undone does not go on', async () => {
  const { over, undo } = graceOf(1000)
  undo()
  window.dispatchEvent(new Event('pagehide'))
  expect(await over).toBe(false)
})
