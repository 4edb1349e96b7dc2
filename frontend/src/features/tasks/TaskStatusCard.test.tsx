// @vitest-environment jsdom
import { fireEvent, render, screen } from '@testing-library/react'
import { beforeAll, expect, test, vi } from 'vitest'
import type { BestSoFar } from '@/api/types'
import { liveTask } from '@/events/examples'
import { startI18n, switchLanguage } from '@/i18n/i18n'
import { TaskStatusCard } from './TaskStatusCard'

beforeAll(async () => {
  await startI18n('en')
})

const stats = {
  total_plans: 4396,
  evaluated_plans: 1611,
  feasible_plans: 537,
  infeasible_plans: 1074,
  infeasible_reasons: {},
  pruned_plans: 0,
  illegal_plans: null,
  evaluations: 1611,
  seconds: 2,
}

test('a running task shows how far it is and can be cancelled', () => {
  const cancel = vi.fn()
  const task = liveTask({ progress: 36.6, search_stats: stats })
  render(<TaskStatusCard task={task} onCancel={cancel} />)
  const bar = screen.getByRole<HTMLProgressElement>('progressbar', { name: /first light/ })
  expect(bar.value).toBe(36.6)
  expect(screen.getByText('36%')).toBeTruthy()
  expect(screen.getByText('1,611 / 4,396 plans')).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Cancel first light' }))
  expect(cancel).toHaveBeenCalledOnce()
})

test('the best so far is told as the figure that was asked for, with its unit', () => {
  const best = { parallelism: { dp: 2, tp: 4 }, chips: 8, batch_size: 64 }
  const card = (of: Pick<BestSoFar, 'objective' | 'value' | 'risk'>) =>
    render(<TaskStatusCard task={liveTask({ best_so_far: { ...best, ...of } })} />)
  card({ objective: 'throughput', value: 12_345, risk: 'mean' })
  expect(screen.getByText('Best so far: TP4 · DP2, 8 chips, 12,345 tokens/s')).toBeTruthy()
  card({ objective: 'tpot', value: 40, risk: 'cautious' })
  expect(screen.getByText(/8 chips, TPOT 25\sms with 80 % certainty/)).toBeTruthy()
  card({ objective: null, value: 40, risk: null })
  expect(screen.getByText('Best so far: TP4 · DP2, 8 chips')).toBeTruthy()
})

test('a failed task says why, can be closed and can no longer be cancelled', () => {
  const task = liveTask({ status: 'failed', error: 'A worker ended.' })
  const close = vi.fn()
  render(<TaskStatusCard task={task} onCancel={() => undefined} onClose={close} />)
  fireEvent.click(screen.getByRole('button', { name: 'Close the card of first light' }))
  expect(close).toHaveBeenCalledOnce()
  expect(screen.getByText('A worker ended.')).toBeTruthy()
  expect(screen.queryByRole('button', { name: /Cancel/ })).toBeNull()
})

test('the card speaks Chinese after a switch', async () => {
  await switchLanguage('zh')
  render(<TaskStatusCard task={liveTask()} />)
  expect(screen.getByText('运行中')).toBeTruthy()
  await switchLanguage('en')
})
