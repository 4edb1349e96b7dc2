// @vitest-environment jsdom
import { fireEvent, render, screen, waitFor } from '@testing-library/react'
import { Form } from 'antd'
import { expect, test, vi } from 'vitest'
import { startI18n, switchLanguage } from '@/i18n/i18n'
import { NumberField } from './NumberField'

function renderLength(initial: number, finished = vi.fn()) {
  render(
    <Form initialValues={{ length: initial }} onFinish={finished}>
      <NumberField name="length" label="Length" bounds={{ min: 1, integer: true }} message="≥ 1" />
      <button type="submit">Run</button>
    </Form>,
  )
  const field = screen.getByRole<HTMLInputElement>('textbox', { name: 'Length' })
  const leaveWith = (text: string) => {
    fireEvent.change(field, { target: { value: text } })
    fireEvent.blur(field)
  }
  return { field, finished, leaveWith }
}

test('"4k" over 2048 is 4,096, and shown as what it is taken for', async () => {
  await startI18n('en')
  const { field, finished, leaveWith } = renderLength(2048)
  leaveWith('4k')
  expect(field.value).toBe('4096')
  fireEvent.click(screen.getByRole('button'))
  await waitFor(() => expect(finished).toHaveBeenCalledWith({ length: 4096 }))
})

test.each([
  ['en', 'Not a number: “4x”. Try 4096, 4k or 1.5M (1k is 1,024).'],
  ['zh', '“4x” 不是数字，可写 4096、4k 或 1.5M（1k 为 1,024）。'],
] as const)(
  'what is not understood stays there and is refused in a sentence (%s)',
  async (language, sentence) => {
    await switchLanguage(language)
    const { field, finished, leaveWith } = renderLength(2048)
    leaveWith('4x')
    expect(await screen.findByText(sentence)).toBeTruthy()
    expect(field.value).toBe('4x')
    fireEvent.click(screen.getByRole('button'))
    await waitFor(() => expect(screen.getAllByText(sentence)).toHaveLength(1))
    expect(finished).not.toHaveBeenCalled()
  },
)
