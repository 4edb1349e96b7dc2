// @vitest-environment jsdom
import { render, screen } from '@testing-library/react'
import { beforeAll, expect, test } from 'vitest'
import { startI18n } from '@/i18n/i18n'
import { FigureChanges } from './FigureChanges'

beforeAll(async () => {
  await startI18n('en')
})

const before = {
  ...{ tps_per_chip: 100, throughput: 800, ttft: 50, tpot: 5, chips: 8 },
  memory: { total_gb: 120 },
}
const now = { ...before, tps_per_chip: 200, throughput: 1600, memory: { total_gb: 160 } }

test('more throughput in memory that holds it is better', () => {
  render(<FigureChanges caption="what if" now={now} before={before} />)
  expect(screen.getAllByText(/better/)).toHaveLength(2)
})

test('figures of a plan that memory does not hold are not reachable, which stands beside it', () => {
  render(<FigureChanges caption="what if" now={now} before={before} unfit="does not fit 127 GB" />)
  expect(screen.queryByText(/better|worse/)).toBeNull()
  expect(screen.getByRole('row', { name: /^Tokens.s 1,600/ }).textContent).toContain(
    'not reachable',
  )
  expect(screen.getByRole('row', { name: /^Memory/ }).textContent).toContain('does not fit 127 GB')
  expect(screen.getByRole('row', { name: /^Chips/ }).textContent).toContain('unchanged')
})
