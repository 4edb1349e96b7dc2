// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { fireEvent, render, screen } from '@testing-library/react'
import { beforeAll, expect, test, vi } from 'vitest'
import { startI18n } from '@/i18n/i18n'
import { summary } from './examples'
import { TaskHistoryTable, usualColumns } from './TaskHistoryTable'

beforeAll(async () => {
  await startI18n('en')
})

test("a row's click opens its task, its own controls don't; without an end it has no button", () => {
  const open = vi.fn()
  const choose = vi.fn()
  const nothing = () => undefined
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TaskHistoryTable
        tasks={[
          summary({ task_id: 'done', experiment_name: 'ended', status: 'completed' }),
          summary({ task_id: 'waits', experiment_name: 'waiting', status: 'pending' }),
        ]}
        places={new Map()}
        chosen={[]}
        onChoose={choose}
        onOpen={open}
        onDelete={nothing}
        onRetry={nothing}
        onPriority={nothing}
        shown={usualColumns}
      />
    </QueryClientProvider>,
  )
  expect(screen.getAllByRole('button', { name: /^View/ })).toHaveLength(1)
  fireEvent.click(screen.getByRole('checkbox', { name: /ended/ }))
  expect(choose).toHaveBeenCalledExactlyOnceWith(['done'])
  expect(open).not.toHaveBeenCalled()
  fireEvent.click(screen.getByText('ended'))
  expect(open).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ task_id: 'done' }))
})
