// @vitest-environment jsdom
import { renderHook } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { InfeasiblePlan } from '@/api/types'
import { startI18n, switchLanguage } from '@/i18n/i18n'
import { useExplanation } from './useExplanation'

const missing = (code: string, needed: number, available: number) =>
  ({
    missed_limits: [{ code, needed, available }],
    infeasible_reason: '',
  }) as unknown as InfeasiblePlan

const slow = missing('max_tpot', 30.0471, 30)
const large = missing('memory', 127.314, 127.1)

test.each([
  [
    'en',
    'TPOT 30.05 ms, 0.0471 ms over the limit of 30 ms',
    'Needs 127.3 GB per chip, 0.214 GB more than the usable 127.1 GB',
  ],
  [
    'zh',
    'TPOT 为 30.05 ms，超过上限 30 ms 达 0.0471 ms',
    /127\.3 GB.*127\.1 GB|127\.1 GB.*127\.3 GB/,
  ],
] as const)(
  'what is over a limit reads as more than the limit (%s)',
  async (language, latency, memory) => {
    await startI18n(language)
    await switchLanguage(language)
    const said = renderHook(() => useExplanation()).result.current
    const plain = (plan: InfeasiblePlan) => said(plan).replaceAll('\u00a0', ' ')
    expect(plain(slow)).toMatch(latency)
    expect(plain(large)).toMatch(memory)
  },
)
