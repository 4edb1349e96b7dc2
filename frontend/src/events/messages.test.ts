import { expect, test } from 'vitest'
import { parseTaskEvent } from '@/events/messages'

test('a known event is read', () => {
  expect(parseTaskEvent('{"type":"snapshot","tasks":[]}')).toEqual({ type: 'snapshot', tasks: [] })
})

test.each(['pong', '{', 'null', '[]', '{"type":"from_the_future"}', '{"type":"toString"}'])(
  'the frame %s is passed over',
  (frame) => {
    expect(parseTaskEvent(frame)).toBeNull()
  },
)

test('a binary frame is passed over', () => {
  expect(parseTaskEvent(new ArrayBuffer(2))).toBeNull()
})
