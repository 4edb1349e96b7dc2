import { expect, test } from 'vitest'
import { parseTaskEvents } from '@/events/messages'

test('a known event is read, alone or in a list', () => {
  const snapshot = { type: 'snapshot', tasks: [] }
  expect(parseTaskEvents('{"type":"snapshot","tasks":[]}')).toEqual([snapshot])
  expect(parseTaskEvents('[{"type":"snapshot","tasks":[]},"pong",{"type":"new"}]')).toEqual([
    snapshot,
  ])
})

test.each(['pong', '{', 'null', '[]', '{"type":"from_the_future"}', '{"type":"toString"}'])(
  'the frame %s is passed over',
  (frame) => {
    expect(parseTaskEvents(frame)).toEqual([])
  },
)

test('a binary frame is passed over', () => {
  expect(parseTaskEvents(new ArrayBuffer(2))).toEqual([])
})
