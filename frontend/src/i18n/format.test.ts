import { describe, expect, test } from 'vitest'
import { formatsFor } from '@/i18n/format'
import { initialLanguage } from '@/i18n/language'

const plain = (text: string) => text.replaceAll('\u00a0', ' ')
const formats = formatsFor('en')

test.each([
  [0, '0'],
  [0.0123, '0.0123'],
  [1.234, '1.23'],
  [56.78, '56.8'],
  [103_694.4, '103,694'],
])('%d has three significant digits: %s', (value, text) => {
  expect(formats.figure(value)).toBe(text)
})

describe('units', () => {
  test.each([
    [formats.ms(336.2), '336 ms'],
    [formats.ms(0.000_015), '< 0.001 ms'],
    [formats.rate(11_571), '11,571 tokens/s'],
    [formats.range(412.3, 655), '412–655'],
    [formats.range(9.87, 1_234.5), '9.87–1,235'],
    [formats.bytes(141e9), '141 GB'],
    [formats.bandwidth(4.8e12), '4.8 TB/s'],
    [formats.parameters(671e9), '671 B'],
    [formats.percent(0.364), '36%'],
    [formats.percent(0.056), '5.6%'],
    [formats.probability(0.056), '6%'],
    [formats.probability(0.001), '<1%'],
    [formats.probability(0.9961), '>99%'],
    [formats.probability(1), '100%'],
    [formats.duration(83.4), '83 ms'],
    [formats.duration(4_200), '4.2 s'],
    [formats.duration(12_900), '12 s'],
    [formats.duration(65_000), '1:05'],
    [formats.duration(7_384_000), '2:03:04'],
  ])('%s', (text, expected) => {
    expect(plain(text)).toBe(expected)
  })
})

test('two figures that differ are written so that they do', () => {
  expect(formats.apart(30.0471, 30)).toEqual(['30.05', '30'])
  expect(formats.apart(127.314, 127.1)).toEqual(['127.3', '127.1'])
  expect(formats.apart(45.2, 30)).toEqual(['45.2', '30'])
  expect(formats.apart(30, 30)).toEqual(['30', '30'])
})

describe('the first language', () => {
  test('is the one chosen before', () => {
    expect(initialLanguage('en', ['zh-CN'])).toBe('en')
  })

  test('else follows the browser', () => {
    expect(initialLanguage(null, ['zh-TW', 'en'])).toBe('zh')
    expect(initialLanguage('klingon', ['de'])).toBe('en')
  })
})

test('a moment to come says the day only when it is another one', () => {
  const evening = new Date()
  evening.setHours(23, 5, 0)
  expect(formats.soon(evening.toISOString())).toBe('23:05')
  evening.setDate(evening.getDate() + 1)
  expect(formats.soon(evening.toISOString())).toBe(formats.dateTime(evening.toISOString()))
})
