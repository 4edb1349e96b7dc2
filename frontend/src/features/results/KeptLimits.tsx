import { Flex } from 'antd'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Plan } from '@/api/types'
import { useFormats } from '@/i18n/useFormats'
import { surenessSign } from './choice'
import { useLimitText } from './useLimitText'

/** "✓ 93%": sure enough or not by shape, colour and number. */
export function Probability({ of }: { of: number }) {
  const { probability } = useFormats()
  const sign = surenessSign(of)
  return (
    <span className={sign === '✓' ? 'number sure' : 'number unsure'}>
      <span aria-hidden="true">{sign}</span> {probability(of)}
    </span>
  )
}

function Said({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <span>
      <span className="muted">{name}</span> {children}
    </span>
  )
}

/** How likely the first plan keeps each limit, and how likely it is better than the second. */
export function KeptLimits({ plan, second }: { plan: Plan; second: Plan | undefined }) {
  const { t } = useTranslation()
  const { probability } = useFormats()
  const limitText = useLimitText()
  const limits = plan.limits ?? []
  const better = second?.beaten_by_first
  if (limits.length === 0 && better == null) return null
  return (
    <Flex component="p" wrap gap="0 18px" className="kept-limits">
      {limits.map((limit) => {
        const { name, bound } = limitText(limit)
        return (
          <span key={limit.code} title={t('choice.keepsHint')}>
            <Said name={t('choice.keepsLimit', { limit: `${name} ${bound}` })}>
              <Probability of={limit.probability} />
            </Said>
          </span>
        )
      })}
      {better != null && (
        <Said name={t('choice.betterThanSecond')}>
          <span className="number">{probability(better)}</span>
        </Said>
      )}
    </Flex>
  )
}
