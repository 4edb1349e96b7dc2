import { expect, test } from 'vitest'
import { en } from '@/i18n/en'
import { zh } from '@/i18n/zh'

function flat(tree: object, path = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null
        ? [...flat(value, `${path}${key}.`)]
        : [[`${path}${key}`, String(value)] as const],
    ),
  )
}

const marks = (text: string) =>
  [...text.matchAll(/\{\{\w+\}\}|<\/?\w+>/g)].map(([mark]) => mark).sort()

test('both languages have the same keys', () => {
  expect([...flat(zh).keys()].sort()).toEqual([...flat(en).keys()].sort())
})

test('both languages fill in the same values', () => {
  const chinese = flat(zh)
  for (const [key, text] of flat(en)) {
    expect([key, marks(chinese.get(key) ?? '')]).toEqual([key, marks(text)])
  }
})

test('no text is empty', () => {
  for (const texts of [flat(en), flat(zh)]) {
    expect([...texts].filter(([, text]) => text.trim() === '')).toEqual([])
  }
})

test('the notices of the guide are kept word for word', () => {
  expect(zh.notice.submitted).toBe('评估任务已提交')
  expect(zh.notice.submitFailed).toBe('提交失败')
  expect(zh.notice.restored_other).toBe('已恢复 {{count}} 个运行中的任务')
  expect(zh.form.run).toBe('运行分析')
})
