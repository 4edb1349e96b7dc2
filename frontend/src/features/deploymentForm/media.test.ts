import { expect, test } from 'vitest'
import { takesImages } from './media'

const models = [
  { name: 'seeing', encoders: ['vision' as const] },
  { name: 'hearing', encoders: ['audio' as const] },
  { name: 'reading', encoders: [] },
]

test.each([
  ['seeing', true],
  ['hearing', false],
  ['reading', false],
  ['unknown', false],
])('images are asked for where the preset %s takes them in: %s', (preset, expected) => {
  expect(takesImages({ source: 'preset', preset, json: '' }, models)).toBe(expected)
})

test.each([
  ['{"model_type": "qwen3_vl", "vision_config": {}}', true],
  ['{"base": "seeing", "encoders": []}', true],
  ['{"model_type": "llama"}', false],
  ['{"vision_config', false],
])('of JSON the keys tell: %s', (json, expected) => {
  expect(takesImages({ source: 'json', preset: 'seeing', json }, models)).toBe(expected)
})
